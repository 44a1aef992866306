"""Handoffs: packages, gaps, acceptance and decline."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.effects import HandOver
from tests.dealwright.story import Story, playbook

RULES = playbook(
    """
handoffs:
  - {name: over, from: rep, to: expert, needs: [use_case, timeline], ask_within: 1bd, accept_within: 4bh}
stages:
  - name: one
    owner: rep
    leave_when: {handoff_accepted: over}
    plays: [{name: pass, on: demo_held, do: [{handoff: over}]}]
  - {name: two, owner: expert}
"""
)


PIECES = {"use_case": "reports", "timeline": "May"}


def begun(*, notes: dict[str, str] | None = None, owners: dict[str, dict[str, str]] | None = None) -> Story:
    story = Story(RULES, notes=notes or {}, owners=owners or {})
    story.tell("demo_held")
    return story


def test_a_handoff_with_a_piece_missing_asks_the_giver_for_it_first() -> None:
    story = begun(notes={"use_case": "reports"})

    assert story.all(HandOver) == []
    assert story.task("supply_handoff_pieces").role == "rep"
    assert story.task("supply_handoff_pieces").title == "Supply for over: timeline"
    assert story.tasks == {"supply_handoff_pieces": "Tue 03 Mar 10:00"}


def test_a_complete_handoff_is_offered_at_once_with_its_pieces() -> None:
    (offer,) = begun(notes=PIECES).all(HandOver)

    assert (offer.from_role, offer.to_role, offer.pieces) == ("rep", "expert", PIECES)


def test_the_missing_pieces_may_come_as_a_fact() -> None:
    story = begun()

    story.tell("notes_learned", notes=PIECES)

    assert story.tasks == {}
    assert [offer.pieces for offer in story.all(HandOver)] == [PIECES]


def test_the_missing_pieces_may_come_with_the_task() -> None:
    story = begun()

    story.order("complete_task", task="supply_handoff_pieces", notes=PIECES)

    assert len(story.all(HandOver)) == 1


def test_done_without_the_pieces_asks_again_and_draws_attention() -> None:
    story = begun()

    story.order("complete_task", task="supply_handoff_pieces")

    assert list(story.tasks) == ["supply_handoff_pieces"]
    assert [point.split(":")[0] for point in story.state.attention] == ["handoff"]
    assert story.all(HandOver) == []


def test_the_deadline_counts_in_the_receivers_business_hours() -> None:
    owners = {"expert": {"name": "Exa", "timezone": "Asia/Tokyo"}}  # it is 19:00 there

    (offer,) = begun(notes=PIECES, owners=owners).all(HandOver)

    assert offer.accept_by.isoformat() == "2026-03-03T04:00:00+00:00"  # 13:00 the next day, there


def test_whoever_accepts_owns_the_deal() -> None:
    story = begun(notes=PIECES)

    verdict = story.order("accept_handoff", by="expert", handoff="over")

    assert (verdict.accepted, verdict.text) == (True, "expert has the deal.")
    assert (story.stage, story.state.owner_role) == ("two", "expert")


def test_the_receiver_may_answer_by_name_or_address() -> None:
    owners = {"expert": {"name": "Exa", "email": "exa@seller.example"}}

    for by in ("Exa", "exa@seller.example"):
        assert begun(notes=PIECES, owners=owners).order("accept_handoff", by=by, handoff="over").accepted


def test_nobody_else_can_accept() -> None:
    verdict = begun(notes=PIECES).order("accept_handoff", by="rep", handoff="over")

    assert not verdict.accepted
    assert verdict.text == (
        "Only expert can answer, which rep does not hold: reassign the role, or answer by its name."
    )


def test_it_cannot_be_accepted_twice() -> None:
    story = begun(notes=PIECES)
    story.order("accept_handoff", by="expert", handoff="over")

    assert story.order("accept_handoff", by="expert", handoff="over").text.startswith("This handoff is not open")


def test_it_cannot_be_accepted_before_it_is_complete() -> None:
    verdict = begun().order("accept_handoff", by="expert", handoff="over")

    assert verdict.text == "This handoff has not been offered yet: the giver still works on it."


def test_a_handoff_not_accepted_in_time_is_told_to_the_receivers_boss_again_and_again() -> None:
    story = begun(notes=PIECES).until("2026-03-06 14:00")

    missed = [(f"{entry.at:%a %H:%M}", entry.escalated_to) for entry in story.noted(e.DeadlineMissed)]
    assert missed == [("Mon 14:00", "boss"), ("Tue 14:00", "boss"), ("Thu 14:00", "boss")]
    assert story.told == [
        "boss: Overdue: handoff over (expert)", *["boss: Still overdue: handoff over (expert)"] * 2
    ]  # fmt: skip


def test_a_declined_handoff_goes_back_to_the_giver_with_the_reason() -> None:
    story = begun(notes=PIECES)

    verdict = story.order("decline_handoff", by="expert", handoff="over", why="which plan?")

    assert verdict.text == "rep is asked to mend it."
    assert (story.task("mend_handoff").role, story.task("mend_handoff").title) == (
        "rep",
        "over was declined: which plan?",
    )
    assert story.stage == "one"


def test_once_mended_it_is_offered_again_under_an_id_of_its_own() -> None:
    story = begun(notes=PIECES)
    story.order("decline_handoff", by="expert", handoff="over", why="which plan?")

    story.order("complete_task", task="mend_handoff")

    first, second = story.all(HandOver)
    assert first.id != second.id
    assert story.order("accept_handoff", by="expert", handoff="over").accepted


def test_a_declined_handoff_has_no_deadline_until_it_is_offered_again() -> None:
    story = begun(notes=PIECES)
    story.order("decline_handoff", by="expert", handoff="over", why="which plan?")

    story.until("2026-03-03 09:59")

    assert story.noted(e.DeadlineMissed) == []


def test_escalations_of_a_handoff_that_was_declined_have_ids_of_their_own() -> None:
    story = begun(notes=PIECES).until("2026-03-02 15:00")
    story.order("decline_handoff", by="expert", handoff="over", why="which plan?")
    story.order("complete_task", task="mend_handoff")

    story.until("2026-03-06 15:00")

    ids = [effect.id for effect in story.effects]
    assert len(story.noted(e.DeadlineMissed)) > 1
    assert len(ids) == len(set(ids))


def test_a_handoff_outlives_its_stage() -> None:
    story = begun(notes=PIECES)

    story.order("move_to_stage", stage="two", why="it is urgent")

    assert story.order("accept_handoff", by="expert", handoff="over").accepted


def test_a_handoff_begun_anew_takes_the_place_of_the_open_one() -> None:
    story = begun(notes=PIECES)

    story.wait(minutes=1).tell("demo_held")

    assert len(story.state.handoffs) == 1
    assert story.last(e.HandoffAnswered).answer == "dropped"


def test_the_end_of_a_deal_drops_its_handoffs() -> None:
    story = begun()

    story.order("close", outcome="lost", why="gone")

    assert (story.state.handoffs, story.tasks) == ({}, {})
    assert len(story.asked) == 1
