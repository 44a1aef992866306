"""Conditions over the contacts of a deal, and over a buying committee that is not complete."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import BadPlaybook
from tests.dealwright.committee_stories import ANA, BEN, CAT, mail, story
from tests.dealwright.story import Story, moment, playbook

TWO_STAGES = """
{committee}
stages:
  - {{name: selling, owner: rep, leave_when: {condition}}}
  - {{name: closing, owner: rep}}
"""


def deal(condition: str, *, committee: str = "", contacts: tuple[object, ...] = (ANA, BEN, CAT)) -> Story:
    """A deal that leaves its first stage when a condition holds."""
    return Story(playbook(TWO_STAGES.format(condition=condition, committee=committee)), contacts=list(contacts))


def test_a_stage_waits_until_somebody_of_a_role_was_met() -> None:
    here = deal("{contacts: {role: economic_buyer, met: true}}")
    here.tell("meeting_held", attended=["ana", "cat"])
    assert here.stage == "selling"
    here.tell("demo_held", attended=["ben"])
    assert here.stage == "closing"


def test_a_meeting_that_names_nobody_was_with_whom_messages_go_to() -> None:
    here = deal("{contacts: {role: champion, met: true}}")
    here.tell("discovery_held")
    assert here.stage == "closing"


def test_so_many_contacts_must_be_there() -> None:
    here = deal("{contacts: {role: [economic_buyer, sponsor], at_least: 3}}")
    here.tell("contacts_learned", contacts=[{**ANA, "role": "Economic Buyer"}])
    assert here.stage == "closing"


def test_a_role_of_which_nobody_was_met_yet() -> None:
    here = deal("{contacts: {role: sponsor, met: false}}")
    here.tell("note_added", text="look")
    assert here.stage == "closing"


def test_a_contact_is_silent_from_when_they_were_written_to_or_wrote_last() -> None:
    plays = """
- {name: hello, on: entered, for_each: {contact: {role: sponsor}}, steps: [{email: hello}]}
- name: wake-up
  on: buying_signal_seen
  if: {contacts: {role: sponsor, silent_for: 3bd}}
  do: [{task: call}]
"""
    here = story(plays)
    here.until("2026-03-04 10:00").tell("buying_signal_seen", signal="pricing")
    assert "call" not in here.tasks
    here.until("2026-03-05 09:00").tell("reply_received", contact="cat", sentiment="other")
    here.until("2026-03-06 10:00").tell("buying_signal_seen", signal="pricing")
    assert "call" not in here.tasks
    here.until("2026-03-10 10:00").tell("buying_signal_seen", signal="pricing")
    assert "call" in here.tasks
    assert mail(here) == ["Mon 10:00 hello to cat"]


def test_who_was_never_written_to_is_not_silent() -> None:
    here = deal("{contacts: {silent_for: 1d}}")
    here.until("2026-06-01 10:00")
    assert here.stage == "selling"


def test_a_stage_that_waits_for_silence_is_left_when_it_has_lasted_so_long() -> None:
    here = deal("{contacts: {role: champion, silent_for: 10d}}")
    here.tell("reply_received", contact="ana", sentiment="other")
    here.until("2026-03-12 09:59")
    assert here.stage == "selling"
    here.until("2026-03-12 10:00")
    assert here.stage == "closing"


SILENCE = "{contacts: {silent_for: 10d}}"
WAIT_FOR_SILENCE = {
    "a stage": f"stages: [{{name: one, owner: rep, leave_when: {SILENCE}}}, {{name: two, owner: rep}}]",
    "a gate": f"""
stages:
  - {{name: one, owner: rep, leave_when: note_added, gate: {{require: {{silence: {SILENCE}}}, hard: true}}}}
  - {{name: two, owner: rep}}
""",
    "a level": f"levels: {{quiet: {SILENCE}}}\nstages: [{{name: one, owner: rep}}]",
    "a score": f"scores: {{calm: {{points: [{{if: {SILENCE}, give: 1}}]}}}}\nstages: [{{name: one, owner: rep}}]",
}


@pytest.mark.parametrize("where", WAIT_FOR_SILENCE)
@pytest.mark.parametrize("fact", ["call_logged", "conversation_recorded"])
def test_what_breaks_a_silence_is_decided_at_once_where_one_is_waited_for(where: str, fact: str) -> None:
    assert fact not in Story(playbook(WAIT_FOR_SILENCE[where])).decision.quiet
    assert fact in Story(playbook("stages: [{name: one, owner: rep}]")).decision.quiet


def test_a_silence_that_begins_with_the_first_message_ends_the_stage_in_time() -> None:
    here = Story(
        playbook("""
stages:
  - name: selling
    owner: rep
    leave_when: {contacts: {silent_for: 10d}}
    plays: [{name: hello, on: buying_signal_seen, do: [{email: hello}]}]
  - {name: closing, owner: rep}
""")
    )
    here.tell("next_step_agreed", on="2026-06-01")
    here.tell("buying_signal_seen", signal="pricing")

    assert here.decision.wake_at == moment("2026-03-12 10:00")


def test_a_committee_says_how_many_are_missing() -> None:
    wanted = "committee: {champion: 1, economic_buyer: 1, technical: 1, sponsor: 0}"
    here = deal("{committee.missing: 0}", committee=wanted)
    assert here.stage == "selling"
    here.tell("contacts_learned", contacts=[{"id": "tom", "name": "Tom", "role": "Technical"}])
    assert here.stage == "closing"


MISTAKES = {
    "{contacts: {rol: champion}}": "contacts.rol: 'rol' is no key here. Did you mean 'role'?",
    "{contacts: {met: maybe}}": "contacts.met: 'maybe' does not say whether they were met. Write true or false.",
    "{contacts: {at_least: 0}}": "contacts.at_least: 0 is no number of contacts. Write a whole number from 1 on.",
    "{contacts: {silent_for: {gte: 3bd}}}": "contacts.silent_for: {'gte': '3bd'} is no duration.",
    "{contacts: champion}": "contacts: 'champion' does not say which contacts.",
    "{committee.missing: 0}": "committee.missing: 'committee.missing' is no count of this playbook.",
}


@pytest.mark.parametrize(("condition", "mistake"), MISTAKES.items(), ids=str)
def test_a_mistake_in_a_condition_over_contacts_is_told(condition: str, mistake: str) -> None:
    with pytest.raises(BadPlaybook) as refused:
        deal(condition)
    assert f"stages[0].leave_when.{mistake}" in str(refused.value)


def test_a_role_that_the_committee_does_not_have_is_a_mistake() -> None:
    with pytest.raises(BadPlaybook) as refused:
        deal("{contacts: {role: economic_byer}}", committee="committee: {champion: 1, economic_buyer: 1}")
    assert "There is no role in the committee 'economic_byer'. Did you mean 'economic_buyer'?" in str(refused.value)


def test_how_many_are_wanted_is_a_number() -> None:
    with pytest.raises(BadPlaybook, match=r"committee\.champion"):
        deal("{committee.missing: 0}", committee="committee: {champion: some}")
