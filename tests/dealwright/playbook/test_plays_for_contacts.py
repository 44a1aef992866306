"""Mistakes in plays that run for each contact: each is told with its line and what to write instead."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import BadPlaybook, check_bundle, load_playbook
from tests.dealwright.story import of_stage

PLAYBOOK = """\
playbook: tiny
roles:
  rep: {reports_to: boss}
  boss: {}
stages:
  - name: selling
    owner: rep
    plays:
      - name: cadence
        on: entered
        for_each: {contact: {role: [economic_buyer, sponsor]}}
        until: [reply_received, opted_out]
        steps:
          - {email: exec-1}
          - {after: 3bd, task: call_exec}
"""
FOR_EACH = "        for_each: {contact: {role: [economic_buyer, sponsor]}}\n"
UNTIL = "until: [reply_received, opted_out]"
LAST = "          - {after: 3bd, task: call_exec}\n"


def told(old: str, new: str, committee: str = "") -> list[str]:
    assert old in PLAYBOOK
    found = check_bundle(
        {"playbook.yaml": PLAYBOOK.replace(old, new) + committee, "templates/exec-1.md": "Subject: Hello\n\nHello"}
    )
    return [str(mistake) for mistake in found if mistake.severity == "error"]


def test_a_play_for_each_contact_has_nothing_wrong() -> None:
    assert told(UNTIL, UNTIL) == []


WHOSE = [
    (
        "[{reply_received: any, from: somebody}]",
        "[0].from: 'somebody' does not say from whom. Write same (the contact that the run is for) or anyone.",
    ),
    (
        "[{meeting_booked: any, from: anyone}]",
        "[0].meeting_booked: 'meeting_booked' is about the deal, and from nobody. Take 'from' out: only ",
    ),
    ("[{reply_received: happy, from: anyone}]", "[0].reply_received: 'reply_received' is never 'happy'. "),
    ("{from: anyone}", ": 'from' says of one fact whose counts. Write {reply_received: any, from: anyone}."),
]


@pytest.mark.parametrize(("until", "mistake"), WHOSE)
def test_from_says_whose_fact_of_a_person_stops_a_run(until: str, mistake: str) -> None:
    with pytest.raises(BadPlaybook) as refused:
        load_playbook(PLAYBOOK.replace(UNTIL, f"until: {until}"))
    assert str(refused.value).startswith(f"playbook.yaml:12: stages[0].plays[0].until{mistake}")


def test_from_says_nothing_in_a_play_of_the_deal() -> None:
    (found,) = told(FOR_EACH + f"        {UNTIL}", "        until: [{reply_received: interested, from: anyone}]")
    problem = "playbook.yaml:11: stages[0].plays[0].until: 'from' says nothing here: the play runs for the deal"
    assert found.startswith(problem)
    assert found.endswith("Write 'reply_received' without it (and without 'any'), or add for_each.")


def test_a_play_for_each_contact_neither_moves_nor_ends_the_deal() -> None:
    (found,) = told(LAST, "          - {after: 3bd, close: unresponsive}\n")
    problem = "'close' is about the deal, and this play runs once for each contact"
    assert found.startswith(f"playbook.yaml:15: stages[0].plays[0].steps[1].close: {problem}.")


def test_a_key_that_selects_no_contacts_is_refused() -> None:
    with pytest.raises(BadPlaybook, match="'roles' is no key here"):
        load_playbook(PLAYBOOK.replace("{role: [economic_buyer, sponsor]}", "{roles: [sponsor]}"))


def test_for_whom_a_play_runs_is_told_as_a_difference() -> None:
    play = of_stage("- {name: a, on: entered, for_each: {contact: {role: sponsor}}, steps: [{email: b}]}").play("a")
    assert play is not None
    assert play.for_each is not None
    assert play.for_each.contact.words() == "sponsor"


def test_nobody_is_a_colleague_in_a_play_of_the_deal() -> None:
    (found,) = told(FOR_EACH, "        when_colleague_replies: {delay: 5bd}\n")
    problem = "'when_colleague_replies' says nothing here: the play runs for the deal, and any reply is one to it"
    assert found == (
        f"playbook.yaml:11: stages[0].plays[0].when_colleague_replies: {problem}. Take it out, or add for_each."
    )


def test_a_step_of_a_play_for_each_contact_goes_to_that_contact_alone() -> None:
    (found,) = told("{email: exec-1}", "{email: exec-1, to: champion}")
    problem = "'to' says nothing here: this play runs for each contact, and writes to that one only"
    assert found.startswith(f"playbook.yaml:14: stages[0].plays[0].steps[0].to: {problem}.")


def test_a_step_to_a_role_that_the_committee_does_not_have_is_a_mistake() -> None:
    (found,) = told(
        FOR_EACH + f"        {UNTIL}\n        steps:\n          - {{email: exec-1}}",
        f"        {UNTIL}\n        steps:\n          - {{email: exec-1, to: champoin}}",
        committee="committee: {champion: 1, sponsor: 0, economic_buyer: 1}\n",
    )
    assert "There is no role in the committee 'champoin'. Did you mean 'champion'?" in found
