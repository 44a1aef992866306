"""What people read about a deal, for states that its own entries lead to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

from dealwright import entries as e
from dealwright.deal import Contract, Deal, Person
from dealwright.fold import fold
from dealwright.state import DealState
from dealwright.views.details_markdown import page_of
from dealwright.views.snapshot import Snapshot, agenda_of, snapshot_of

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def hours(count: float) -> datetime:
    return MONDAY + timedelta(hours=count)


def told(*entries: e.Entry) -> DealState:
    state = DealState()
    for entry in (*opening(), *entries):
        fold(state, entry)
    return state


def opening() -> Iterable[e.Entry]:
    deal = Deal(
        id="acme",
        title="50 seats",
        owners={"sdr": Person(name="Sam")},
        contract=Contract(starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)),
    )
    yield e.DealOpened(at=MONDAY, deal=deal, playbook="b2b-saas", bundle="abc")
    yield e.StageEntered(
        at=MONDAY, stage="outreach", visit=1, why="start", owner_role="sdr", leaves_when="a reply", stalls_at=hours(500)
    )


CADENCE = e.PlayStarted(
    at=MONDAY, run="cold/1/1", play="cold-sequence", visit=1, occurrence=1, because="entered", trigger_at=MONDAY,
    planned=(e.PlannedStep(index=1, due_at=hours(72), label="E-mail cold-2"),
             e.PlannedStep(index=0, due_at=hours(24), label="E-mail cold-1")),
)  # fmt: skip
CALL = e.TaskOpened(at=MONDAY, task="t1", title="Call Ana", name="call", role="sdr", due_at=hours(2))
DISCOUNT = e.ApprovalRequested(
    at=MONDAY, approval="a1", name="discount", terms={"percent": "25"}, chain=("sales_manager", "cro"),
    answer_by=hours(8),
)  # fmt: skip
HANDOVER = e.HandoffBegun(at=MONDAY, handoff="h1", name="to success", from_role="sdr", to_role="csm")


def test_a_deal_that_is_not_let_in_yet_has_an_empty_snapshot() -> None:
    assert snapshot_of(DealState()) == Snapshot(deal_id=None)


def test_a_snapshot_says_where_the_deal_stands_and_who_owns_it() -> None:
    snapshot = snapshot_of(told(), repeats=3)
    assert (snapshot.deal_id, snapshot.stage, snapshot.owner_role, snapshot.owner) == ("acme", "outreach", "sdr", "Sam")
    assert (snapshot.playbook, snapshot.bundle, snapshot.leaves_when) == ("b2b-saas", "abc", "a reply")
    assert (snapshot.contract_ends_on, snapshot.repeats) == ("2026-12-31", 3)


def test_a_snapshot_lists_what_people_are_asked_for() -> None:
    offered = e.HandoffOffered(at=MONDAY, handoff="h1", name="to success", to_role="csm", accept_by=hours(16))
    snapshot = snapshot_of(told(CALL, DISCOUNT, HANDOVER, offered))
    assert [(task.id, task.role, task.due_at) for task in snapshot.open_tasks] == [("t1", "sdr", hours(2))]
    assert [(one.id, one.waits_for, one.terms) for one in snapshot.open_approvals] == [
        ("a1", "sales_manager", {"percent": "25"})
    ]
    assert [(one.id, one.to_role, one.accept_by) for one in snapshot.open_handoffs] == [("h1", "csm", hours(16))]


def test_an_uncertain_touch_is_in_the_snapshot_until_it_is_settled() -> None:
    started = e.EffectStarted(at=MONDAY, effect="acme/cold/1/0/1", does="send_email", label="E-mail cold-1")
    unsure = e.EffectSettled(at=MONDAY, effect="acme/cold/1/0/1", does="send_email", status="uncertain")
    settled = unsure.model_copy(update={"status": "done"})
    assert snapshot_of(told(started, unsure)).uncertain_touches == ("acme/cold/1/0/1",)
    assert snapshot_of(told(started, unsure, settled)).uncertain_touches == ()


def test_a_snapshot_survives_the_wire() -> None:
    snapshot = snapshot_of(told(CADENCE, CALL, DISCOUNT, HANDOVER))
    assert Snapshot.model_validate_json(snapshot.model_dump_json(exclude_none=True)) == snapshot


def test_the_agenda_has_every_step_and_deadline_by_time() -> None:
    assert [(item.at, item.what) for item in agenda_of(told(CADENCE, CALL, DISCOUNT))] == [
        (hours(2), "Task is due: Call Ana"),
        (hours(8), "Answer is due: discount"),
        (hours(24), "E-mail cold-1"),
        (hours(72), "E-mail cold-2"),
        (hours(500), "Stage outreach counts as stalled"),
    ]


def test_the_agenda_says_why() -> None:
    missed = e.DeadlineMissed(
        at=hours(2), what="task", id="t1", label="Call Ana", role="sdr", escalated_to="boss", next_deadline=hours(4)
    )
    whys = {item.what: item.why for item in agenda_of(told(CADENCE, CALL, missed))}
    assert whys["Task is due: Call Ana"] == "asked of sdr, 1 deadline missed"
    assert whys["E-mail cold-2"] == "play cold-sequence, step 2"


def test_an_effect_that_could_not_be_handed_over_is_on_the_agenda_again() -> None:
    started = e.EffectStarted(at=MONDAY, effect="x", does="send_email", label="E-mail cold-1")
    put_off = e.EffectSettled(at=MONDAY, effect="x", does="send_email", status="not_done", again_at=hours(1))
    assert ("Try again: E-mail cold-1", hours(1)) in [(i.what, i.at) for i in agenda_of(told(started, put_off))]


def test_a_paused_deal_comes_to_the_end_of_its_pause_next() -> None:
    paused = e.Paused(at=MONDAY, by="Ana", until=hours(100), review_at=hours(100))
    snapshot = snapshot_of(told(CADENCE, paused))
    assert (snapshot.paused, snapshot.next_action, snapshot.next_at) == (True, "The pause ends", hours(100))


def test_a_finished_deal_has_no_agenda() -> None:
    state = told(CADENCE, CALL, e.DealClosed(at=hours(1), outcome="lost", reason="price"))
    assert agenda_of(state) == ()
    assert snapshot_of(state).next_action is None
    assert snapshot_of(state).finished


@pytest.mark.parametrize(
    ("entries", "line"),
    [
        ((), "**Nothing blocks. Next: Stage outreach counts as stalled, Mon 14 Dec 2026 05:00 UTC.**"),
        ((CALL, DISCOUNT), "**sdr: Call Ana, due Mon 23 Nov 2026 11:00 UTC**"),
        ((DISCOUNT,), "**sales\\_manager answers: discount (percent 25), by Mon 23 Nov 2026 17:00 UTC**"),
        (
            (CALL, e.StageHeld(at=MONDAY, missing=("budget",))),
            "**sdr brings what is missing to leave outreach: budget.**",
        ),
        (
            (CALL, e.AttentionAsked(at=MONDAY, point="smtp", text="mail waits")),
            "**Needs attention: mail waits**",
        ),
        (
            (CALL, e.Paused(at=MONDAY, by="Ana", review_at=hours(4))),
            "**Paused. The pause is looked at on Mon 23 Nov 2026 13:00 UTC.**",
        ),
        (
            (CALL, e.DealClosed(at=MONDAY, outcome="lost", reason="price")),
            "**Finished: lost. sdr: Call Ana, due Mon 23 Nov 2026 11:00 UTC**",
        ),
        (
            (e.DealClosed(at=MONDAY, outcome="lost", reason="price"),),
            "**Finished: lost. Nobody has to do anything.**",
        ),
        (
            (HANDOVER.model_copy(update={"missing": ("use case",)}), CALL),
            "**sdr brings for to success: use case**",
        ),
    ],
)
def test_the_page_begins_with_what_blocks_and_who_acts(entries: tuple[e.Entry, ...], line: str) -> None:
    assert page_of(told(*entries)).splitlines()[0] == line


def test_the_page_ends_with_the_last_five_entries_the_newest_first() -> None:
    notes = [
        e.FactTaken(at=hours(n), fact="note_added", id=str(n), happened_at=hours(n), note=f"n{n}") for n in range(7)
    ]
    last = page_of(told(), notes).split("### Last\n")[1].splitlines()
    assert [line[-2:] for line in last] == ["n6", "n5", "n4", "n3", "n2"]


def test_text_from_outside_cannot_turn_or_steer_the_page() -> None:
    note = "x\x1b]0;evil\x07 \u202egnp.exe \u2066y \x9b31m עברית"
    page = page_of(told(), [e.FactTaken(at=MONDAY, fact="note_added", happened_at=MONDAY, note=note)])
    assert page.splitlines()[-1].endswith("x\\]0;evil gnp.exe y 31m עברית")


def test_text_from_outside_stays_text_on_the_page() -> None:
    note = "**bold** [here](https://evil.example)\n\n# Heading\n| a | www.evil.example <b>"
    page = page_of(told(), [e.FactTaken(at=MONDAY, fact="note_added", happened_at=MONDAY, note=note)])
    line = page.splitlines()[-1]
    assert r"\*\*bold\*\* \[here\](https\://evil.example) \# Heading \| a \| www\.evil.example \<b\>" in line


def test_the_page_stays_short_however_much_there_is() -> None:
    tasks = [
        e.TaskOpened(at=MONDAY, task=f"t{n}", title="x" * 5000, name="call", role="sdr", due_at=hours(n))
        for n in range(300)
    ]
    page = page_of(told(*tasks), tasks)
    assert len(page) < 8_000
    assert "and 294 more" in page
