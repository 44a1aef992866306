"""Contacts in cadences that run in another tool."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.fold.applying import Apply, change_run, reach, touch
from dealwright.state import DealState, Enrolment

_WENT_THROUGH = frozenset({"finished", "replied"})
"""How an enrolment ends by which its contact was surely written to."""


def _contact_enrolled(state: DealState, entry: e.ContactEnrolled) -> None:
    state.enrolments[entry.enrolment] = Enrolment(
        id=entry.enrolment, tool=entry.tool, sequence=entry.sequence, contact=entry.contact, address=entry.address,
        run=entry.run, step=entry.step, since=entry.at, beside=entry.beside, gates_next=entry.gates_next,
        gates_until=entry.gates_until,
    )  # fmt: skip
    if entry.gates_next:
        change_run(state, entry.run, gate=entry.enrolment)


def _enrolment_wait_ended(state: DealState, entry: e.EnrolmentWaitEnded) -> None:
    change_run(state, entry.run, gate=None)
    if enrolment := state.enrolments.get(entry.enrolment):
        state.enrolments[enrolment.id] = enrolment.model_copy(update={"gates_next": False, "gates_until": None})


def _enrolment_kept(state: DealState, entry: e.EnrolmentKept) -> None:
    state.enrolments[entry.enrolment] = Enrolment(
        id=entry.enrolment, tool=entry.tool, sequence=entry.sequence, contact=entry.contact, address=entry.address,
        run="", since=entry.at, beside=entry.beside, stop=entry.stop,
    )  # fmt: skip


def _enrolment_over(state: DealState, entry: e.EnrolmentOver) -> None:
    enrolment = state.enrolments.pop(entry.enrolment, None)
    if enrolment is None:
        return
    if entry.how in _WENT_THROUGH:
        reach(state, enrolment.run)
        touch(state, enrolment.since, by_person=False)
    if enrolment.gates_next:
        change_run(state, enrolment.run, gate=None)


APPLY: dict[str, Apply] = {
    "contact_enrolled": _contact_enrolled,
    "enrolment_wait_ended": _enrolment_wait_ended,
    "enrolment_kept": _enrolment_kept,
    "enrolment_over": _enrolment_over,
}
