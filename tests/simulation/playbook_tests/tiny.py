"""A small playbook for tests of tests, and tests of it in a line each."""

from __future__ import annotations

from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_playbook
from simulation.playbook_tests.judging import Failure, judge
from simulation.playbook_tests.reading import WrittenTest, check_tests, read_tests
from simulation.playbook_tests.running import live

TEXT = """
playbook: tiny
roles: {rep: {reports_to: boss}, boss: {}}
calendar: {timezone: Europe/Berlin}
ends: [{when: deal_lost, as: lost}]
approvals:
  - {name: discount, of: proposal.discount, levels: [{up_to: 10, by: []}, {by: [boss]}]}
plays:
  - {name: discount, on: discount_requested, do: [{approval: discount}]}
stages:
  - name: first
    owner: rep
    leave_when: demo_held
    plays:
      - name: cadence
        on: entered
        until: reply_received
        steps:
          - {email: hello}
          - {after: 2bd, task: call, wait: true}
          - {after: 1bd, email: again}
  - name: second
    owner: rep
    plays:
      - {name: follow, on: entered, do: [{email: recap, marketing: false}, {after: 1d, notify: boss, text: Look at it}]}
"""
RULES: Playbook = load_playbook(TEXT)


def test_of(text: str) -> WrittenTest:
    """The only test in a text, with a name where it has none."""
    (written,) = read_tests(_named(text), RULES)
    return written


test_of.__test__ = False  # type: ignore[attr-defined]


def failures(text: str) -> list[str]:
    """What is wrong with a test's deal, each in a line: ``<line>: <expected>: <problem>``."""
    written = test_of(text)
    return [_told(written, one) for one in judge(written.test, live(written.test, RULES), RULES)]


def mistakes(text: str) -> list[str]:
    """What is wrong with a file that has this test, each in a line."""
    return [str(one) for one in check_tests(_named(text), RULES)]


def _named(text: str) -> str:
    return text if "name:" in text else f"- name: it\n{text}"


def _told(written: WrittenTest, failure: Failure) -> str:
    return f"{written.location(*failure.place).line}: {failure.expected}: {failure.problem}"
