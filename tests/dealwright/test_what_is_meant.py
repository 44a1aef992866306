"""Which meeting, demo or proposal a fact means, and whether it was told before."""

from __future__ import annotations

import pytest

from tests.dealwright.story import MONDAY, Story, of_stage, playbook

FRIDAY, THURSDAY = "2026-03-06T15:00:00Z", "2026-03-05T15:00:00Z"
BEFORE_OPENING = "2026-02-20T10:00:00Z"


def reminding(at: str = MONDAY, **known: object) -> Story:
    """A deal that prepares and reminds of demos."""
    plays = """
- name: remind
  on: {before: demo.starts_at, by: 24h}
  until: [demo_cancelled, demo_held, demo_missed]
  do: [{email: reminder, marketing: false}]
- {name: prepare, on: demo_booked, until: demo_cancelled, do: [{task: prepare}, {after: 1d, email: agenda}]}
- {name: recap, on: demo_held, do: [{task: recap}]}
"""
    return Story(of_stage(plays), at=at, **known)


# --- one thing under several names ------------------------------------------------------------------------------


def test_a_demo_told_without_and_then_with_its_name_is_one_demo() -> None:
    story = reminding()
    story.tell("demo_booked", starts_at=FRIDAY)
    story.tell("demo_booked", demo="d1", starts_at=FRIDAY)
    assert story.asked == ["prepare"]

    story.tell("demo_cancelled", demo="d1")

    assert story.until("2026-03-08 10:00").sent == []


def test_a_demo_that_somebody_typed_in_is_the_one_that_the_calendar_tells_of() -> None:
    story = reminding()
    story.order("amend", known={"demo": {"id": "d1", "starts_at": FRIDAY}}, why="the calendar was away")
    story.tell("demo_booked", demo="d1", starts_at=FRIDAY)

    story.tell("demo_booked", demo="d1", starts_at="2026-03-12T15:00:00Z")
    story.tell("demo_cancelled", demo="d1")

    assert story.until("2026-03-13 10:00").sent == []


def test_a_proposal_sent_without_and_then_with_its_name_is_one_proposal() -> None:
    story = Story(of_stage("- {name: nudge, on: proposal_sent, do: [{task: nudge}]}"))
    story.tell("proposal_sent", link="https://x.example/1")
    story.tell("proposal_sent", proposal="P1", link="https://x.example/1")

    assert story.asked == ["nudge"]


def test_an_unnamed_demo_after_one_that_is_over_is_another_one() -> None:
    story = reminding()
    story.tell("demo_booked", starts_at="2026-03-02T11:00:00Z")
    story.tell("demo_booked", demo="d1", starts_at="2026-03-02T11:00:00Z")
    story.until("2026-03-02 12:00").tell("demo_held", demo="d1")
    story.tell("demo_booked", starts_at=FRIDAY)

    story.tell("demo_cancelled", demo="d1")

    assert "Thu 15:00 reminder" in story.until("2026-03-08 10:00").sent


@pytest.mark.parametrize("when", [{}, {"starts_at": FRIDAY}])
def test_the_name_of_an_end_is_of_the_demo_that_nobody_has_named(when: dict[str, str]) -> None:
    story = reminding()
    story.tell("demo_booked", starts_at="2026-03-02T11:00:00Z")
    story.until("2026-03-02 12:00").tell("demo_held", demo="d1")
    story.tell("demo_booked", starts_at=FRIDAY)

    story.tell("demo_cancelled", demo="d2", **when)

    assert "Thu 15:00 reminder" not in story.until("2026-03-08 10:00").sent


def test_the_name_of_an_answer_is_of_the_proposal_that_nobody_has_named() -> None:
    story = Story(
        of_stage("[{name: nudge, on: proposal_sent, until: proposal_accepted, do: [{after: 1d, task: ask}]}]")
    )
    story.tell("proposal_sent", link="https://x.example/1")
    story.tell("proposal_declined", proposal="P1")
    story.tell("proposal_sent", link="https://x.example/2")

    story.tell("proposal_accepted", proposal="P2")

    assert [one.status for one in story.state.proposals.values()] == ["declined", "accepted"]
    assert "ask" not in story.until("2026-03-05 10:00").asked


def test_an_end_of_before_a_demo_was_booked_does_not_name_it() -> None:
    story = reminding()
    story.tell("demo_booked", starts_at="2026-03-02T11:00:00Z")
    story.until("2026-03-02 12:00").tell("demo_held")
    story.until("2026-03-02 14:00").tell("demo_booked", starts_at=FRIDAY)
    story.tell("demo_held", demo="d1", at="2026-03-02T12:00:00Z")

    story.tell("demo_cancelled", demo="d2")

    assert "Thu 15:00 reminder" not in story.until("2026-03-08 10:00").sent


def test_the_cancellation_of_another_date_by_a_new_name_leaves_the_demo_that_nobody_has_named() -> None:
    story = reminding()
    story.tell("demo_booked", starts_at=FRIDAY)

    story.tell("demo_cancelled", demo="d2", starts_at=THURSDAY)

    assert "Thu 15:00 reminder" in story.until("2026-03-08 10:00").sent


# --- known from the opening or from an amendment, and told for the first time -----------------------------------


def test_a_demo_known_from_the_opening_is_prepared_when_it_is_told() -> None:
    story = reminding(demo={"id": "d1", "starts_at": FRIDAY})

    story.tell("demo_booked", demo="d1", starts_at=FRIDAY, at=BEFORE_OPENING)
    story.tell("demo_booked", demo="d1", starts_at=FRIDAY)

    assert story.asked == ["prepare"]


@pytest.mark.parametrize("at", ["2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"])
def test_a_demo_known_as_held_from_the_opening_is_followed_up_when_it_is_told(at: str) -> None:
    story = reminding(demo={"id": "d1", "starts_at": "2026-03-02T08:00:00Z", "status": "held"})

    story.tell("demo_held", demo="d1", at=at)

    assert story.asked == ["recap"]


def test_a_demo_that_somebody_typed_in_is_prepared_when_the_calendar_tells_of_it() -> None:
    story = reminding()
    story.order("amend", known={"demo": {"id": "d1", "starts_at": FRIDAY}}, why="typed in")

    story.tell("demo_booked", demo="d1", starts_at=FRIDAY)

    assert story.asked == ["prepare"]


@pytest.mark.parametrize("name", [None, "d1"])
def test_an_older_booking_does_not_move_a_demo_known_from_the_opening(name: str | None) -> None:
    story = reminding(demo={"id": name, "starts_at": FRIDAY})

    story.tell("demo_booked", demo=name, starts_at=THURSDAY, at=BEFORE_OPENING)

    assert story.until("2026-03-08 10:00").sent == ["Thu 15:00 reminder"]


def test_an_older_cancellation_does_not_call_off_a_demo_known_from_the_opening() -> None:
    story = reminding(demo={"id": "d1", "starts_at": FRIDAY})

    story.tell("demo_cancelled", demo="d1", at=BEFORE_OPENING)

    assert story.until("2026-03-08 10:00").sent == ["Thu 15:00 reminder"]


def test_an_older_answer_does_not_change_a_proposal_known_from_the_opening() -> None:
    story = reminding(proposal={"id": "P1", "status": "accepted"})

    story.tell("proposal_declined", proposal="P1", at=BEFORE_OPENING)

    assert story.state.proposals["P1"].status == "accepted"


# --- one end under two names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [("meeting_held", "discovery_held"), ("discovery_held", "meeting_held")])
def test_a_stage_that_waits_for_one_name_of_an_end_hears_it_after_the_other(first: str, second: str) -> None:
    story = Story(playbook(f"stages:\n  - {{name: a, owner: rep, leave_when: {second}}}\n  - {{name: b, owner: rep}}"))
    story.tell("meeting_booked", meeting="m", starts_at="2026-03-02T11:00:00Z")
    story.until("2026-03-02 12:00").tell(first, meeting="m")
    assert story.stage == "a"

    story.tell(second, meeting="m")

    assert story.stage == "b"


def test_a_play_that_listens_to_both_names_of_an_end_begins_once() -> None:
    story = Story(of_stage("- {name: notes, on: [discovery_held, meeting_held], do: [{task: notes}]}"))
    story.tell("meeting_booked", starts_at="2026-03-02T11:00:00Z")
    story.until("2026-03-02 12:00").tell("meeting_held")
    story.order("complete_task", task="notes")

    story.tell("discovery_held")
    assert story.asked == ["notes"]

    story.wait(hours=1).tell("meeting_booked", starts_at=FRIDAY)
    story.until("2026-03-06 16:00").tell("discovery_held")
    assert story.asked == ["notes", "notes"]


def test_a_play_that_listens_to_a_fact_and_to_its_variant_begins_once() -> None:
    story = Story(
        of_stage("- {name: read, on: [reply_received, {reply_received: interested}], do: [{notify: boss, text: read}]}")
    )

    story.tell("reply_received", sentiment="interested", contact="ana")

    assert story.told == ["boss: read"]


# --- what happens to another one --------------------------------------------------------------------------------


def test_what_ended_one_proposal_does_not_keep_from_beginning_what_is_about_another() -> None:
    until = "[proposal_declined, proposal_accepted]"
    plays = f"- {{name: nudge, on: proposal_sent, until: {until}, do: [{{after: 2d, task: nudge}}]}}"
    story = Story(of_stage(plays), at="2026-03-02 15:00")
    story.tell("proposal_sent", proposal="P1", at="2026-03-02T09:00:00Z")
    story.tell("proposal_declined", proposal="P1", at="2026-03-02T12:00:00Z")
    assert story.steps == {}

    story.tell("proposal_sent", proposal="P2", at="2026-03-02T11:00:00Z")

    assert story.steps == {"task nudge": "Wed 04 Mar 11:00"}


def test_what_is_about_a_demo_stops_when_that_one_is_cancelled_though_another_stands() -> None:
    story = reminding()
    story.tell("demo_booked", demo="d1", starts_at=FRIDAY)
    story.tell("demo_booked", demo="d2", starts_at="2026-03-20T15:00:00Z")

    story.tell("demo_cancelled", demo="d1")

    assert len(story.tasks) == len(story.state.tasks) == 1
    assert story.until("2026-03-04 10:00").sent == ["Tue 10:00 agenda"]


def test_a_retraction_for_one_demo_leaves_what_happened_to_another() -> None:
    story = Story(
        playbook(
            "stages:\n  - {name: a, owner: rep, leave_when: {all: [demo_held, note_added]}}\n  - {name: b, owner: rep}"
        )
    )
    for name, starts_at in (("d1", THURSDAY), ("d2", FRIDAY)):
        story.tell("demo_booked", demo=name, starts_at=starts_at)
    story.until("2026-03-06 16:00").tell("demo_held", demo="d1")
    story.tell("demo_held", demo="d2")

    story.tell("fact_retracted", retracts="demo_held", about="d2")
    story.tell("note_added", text="x")

    assert story.stage == "b"


# --- what the end of a thing means, whenever it is told ---------------------------------------------------------


@pytest.mark.parametrize("first", ["demo_missed", "demo_cancelled"])
def test_nobody_reads_that_they_missed_a_demo_that_was_held_after_all(first: str) -> None:
    plays = f"- {{name: sorry, on: {first}, until: demo_held, do: [{{after: 2h, email: sorry, marketing: false}}]}}"
    story = Story(of_stage(plays))
    story.tell("demo_booked", demo="d1", starts_at="2026-03-02T10:30:00Z")
    story.until("2026-03-02 12:00").tell(first, demo="d1", at="2026-03-02T11:30:00Z")

    story.tell("demo_held", demo="d1", at="2026-03-02T11:00:00Z")

    assert story.until("2026-03-04 10:00").sent == []


def test_the_cancellation_of_the_time_from_which_a_demo_was_moved_calls_off_nothing() -> None:
    story = reminding()
    story.tell("demo_booked", demo="d1", starts_at=THURSDAY)

    moved = story.fact("demo_booked", demo="d1", starts_at=FRIDAY)
    story.tell_at_once(moved, story.fact("demo_cancelled", demo="d1", starts_at=THURSDAY))

    assert "Thu 15:00 reminder" in story.until("2026-03-08 10:00").sent


def test_a_renewal_that_is_told_again_with_another_day_begins_no_other_term() -> None:
    rules = playbook("renews_on: contract_renewed\nstages: [{name: customer, owner: rep}]")
    story = Story(rules, contract={"starts_on": "2025-03-10", "ends_on": "2026-03-09"})
    story.tell("contract_renewed", starts_on="2026-03-10", ends_on="2027-03-09")

    story.tell("contract_renewed", starts_on="2026-03-10", ends_on="2028-03-09")

    assert (story.state.term, story.state.visit, f"{story.state.terms['2'].ends_on}") == (2, 2, "2028-03-09")


def test_a_late_booking_does_not_undo_a_cancellation_that_was_told_again_since() -> None:
    story = reminding()
    story.tell("demo_booked", demo="d1", starts_at=THURSDAY, at="2026-03-02T08:00:00Z")
    story.tell("demo_cancelled", demo="d1", at="2026-03-02T08:30:00Z")
    story.tell("demo_cancelled", demo="d1", at="2026-03-02T09:30:00Z")

    story.tell("demo_booked", demo="d1", starts_at=FRIDAY, at="2026-03-02T09:00:00Z")

    assert story.until("2026-03-08 10:00").sent == []
