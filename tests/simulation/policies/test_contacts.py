"""A policy about the same contact: what one of them said binds nobody else."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import load_playbook
from dealwright.yaml.document import read_yaml
from simulation.policies.reading import read_policies
from simulation.proving.prover import Prover
from simulation.timeline.rules import Rules

PLAYBOOK = """\
playbook: committee
roles: {rep: {title: Rep}}
ends: [{when: deal_lost, as: lost}]
stages:
  - name: outreach
    owner: rep
    plays:
      - name: cadence
        on: entered
        for_each: {contact: {role: [champion, buyer]}}
        until: UNTIL
        steps: [{email: first}, {after: 3bd, email: second}]
"""
SAME = "- {name: one, never: {email: any, after: reply_received, about: contact}}\n"
ANYONE = "- {name: one, never: {email: any, after: reply_received}}\n"


def is_broken(until: str, policies: str) -> bool:
    """Whether one of many lives breaks the policy."""
    text = PLAYBOOK.replace("UNTIL", until)
    playbook = load_playbook(text)
    prover = Prover(
        playbook, Rules(playbook, read_yaml(text, "playbook.yaml")), [*read_policies(policies, playbook)], 3
    )
    while prover.lives < 200 and not prover.findings[0].broken_in:
        prover.live_one()
    assert prover.findings[0].tried_in
    return bool(prover.findings[0].broken_in)


@pytest.mark.parametrize(
    ("until", "policy", "broken"),
    [
        ("reply_received", SAME, False),
        ("opted_out", SAME, True),
        ("reply_received", ANYONE, True),
        ("{reply_received: any, from: anyone}", ANYONE, False),
    ],
    ids=["their own reply stops it", "no reply stops it", "a colleague's does not", "anybody's does"],
)
def test_a_reply_binds_whoever_wrote_it(until: str, policy: str, broken: bool) -> None:
    assert is_broken(until, policy) is broken
