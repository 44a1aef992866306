"""A small playbook without a mistake, for tests that put one in."""

import pytest

from dealwright.playbook.loading import BadPlaybook, load_playbook

PLAYBOOK = """\
playbook: small
roles:
  sdr: {reports_to: boss}
  rep: {reports_to: boss}
  boss: {}
limits: {touches_per_contact: {per: 7d, max: 3}}
ends:
  - {when: deal_lost, as: lost}
renews_on: contract_renewed
handoffs:
  - {name: to-rep, from: sdr, to: rep, needs: [use_case], escalate: boss}
approvals:
  - name: discount
    of: proposal.discount
    levels:
      - {up_to: 10}
      - {up_to: 100, by: [boss]}
plays:
  - name: ask-for-discount
    on: discount_requested
    do: [{approval: discount}]
stages:
  - name: outreach
    owner: sdr
    leave_when: {reply_received: interested}
    plays:
      - name: cold
        on: entered
        if: {deal.source: outbound}
        until: [reply_received, opted_out]
        steps:
          - {email: hello}
          - {after: 2bd, task: call, escalate: boss, asks: [use_case]}
          - {after: 5bd, close: unresponsive}
  - name: talks
    owner: rep
    enter_when: demo_booked
    leave_when: [contract_signed, {task_done: sign}]
    plays:
      - name: hand-over
        on: entered
        do: [{handoff: to-rep}]
      - name: prepare
        on: {before: demo.starts_at, by: 1bd}
        do: [{task: sign, due: {before: demo.starts_at, by: 2h}}]
  - name: customer
    owner: rep
    gate: {require: {a start: {contract.starts_on: {known: true}}}}
    plays:
      - name: lapsed
        on: {after: contract.ends_on, by: 1d}
        do: [{close: churned}]
"""

TEMPLATES = {"templates/hello.md": "Subject: Hello\n\nHello {{ contact.name }}, {{ unsubscribe_url }}\n"}
BUNDLE = {"playbook.yaml": PLAYBOOK, **TEMPLATES}


def with_change(old: str, new: str) -> str:
    """The playbook with one text replaced, which stands in it exactly once."""
    assert PLAYBOOK.count(old) == 1, f"{old!r} stands {PLAYBOOK.count(old)} times in the sound playbook"
    return PLAYBOOK.replace(old, new)


def mistakes_in(text: str) -> list[str]:
    """What is said, a mistake a line, of a playbook that is refused."""
    with pytest.raises(BadPlaybook) as refused:
        load_playbook(text)
    return str(refused.value).splitlines()
