"""What applying an entry to the state has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from dealwright.deal import Contact, Known
from dealwright.facts.things import Things
from dealwright.state import WITH_CONTACT, DealState, Happened

_FORMER_KEPT = 10
"""Of the addresses that a contact had before, the last ones."""
_CONTACTS_KEPT = 500
"""Of the contacts whose address changed or who left the deal, the last ones."""

_TOUCHES_KEPT = 50
"""Of the touches of one contact by one channel, the last ones."""

NOBODY = ""
"""Stands for the contact of what is about no single one."""
Apply: TypeAlias = Callable[[DealState, Any], None]
"""Applies an entry of its kind to the state."""


def after_all_told(state: DealState, at: datetime) -> datetime:
    """The time of what the deal does: never before what it was told, though the clock of whoever told that be ahead.

    Else a task that is done within minutes would count as done before the stage that it was asked in was entered.
    """
    return max((at, *(it.at for it in state.happened.values())))


def happen(
    state: DealState, name: str, at: datetime, variant: str | None = None, *, contact: str | None = None
) -> None:
    """Remember when an event last happened, also under its variant, and for the contact whom it is about."""
    it = Happened(number=state.entries, at=after_all_told(state, at))
    if contact is not None or (name in WITH_CONTACT and NOBODY in state.happened_with):
        happen_with(state, contact or NOBODY, name, it, variant)
    keep_latest(state.happened, name, it, variant)


def happen_with(state: DealState, contact: str, name: str, it: Happened, *variants: str | None) -> None:
    """Remember when something last happened that is about a contact, or about nobody."""
    table = dict(state.happened_with.get(contact, {}))
    keep_latest(table, name, it, *variants)
    state.happened_with[contact] = table


def begin_to_tell_apart(state: DealState) -> None:
    """From here on, what plays do is told apart by contact: what they did before is about nobody."""
    if NOBODY not in state.happened_with:
        before = {key: it for key, it in state.happened.items() if key.partition(":")[0] in WITH_CONTACT}
        state.happened_with[NOBODY] = before


def keep_latest(table: dict[str, Happened], name: str, happened: Happened, *variants: str | None) -> None:
    """Remember the latest time of something, also under its variants."""
    for key in (name, *(f"{name}:{variant}" for variant in variants if variant is not None)):
        known = table.get(key)
        if known is None or known.at <= happened.at:
            table[key] = happened


def learn(state: DealState, learned: Known | None, taught: Sequence[str] = (), at: datetime | None = None) -> None:
    """Let the deal know more; ``taught`` are the paths about which nothing later is known than of ``at``."""
    if learned is not None and state.deal is not None:
        before = state.deal.contacts or ()
        state.deal = state.deal.knowing(learned)
        if learned.contacts is not None or "contacts" in " ".join(learned.cleared or ()):
            _keep_former_addresses(state, before)
    if at is not None:
        state.taught |= dict.fromkeys(taught, at)


def take_place(state: DealState, replaced: str | None, by: str | None) -> None:
    """A contact is the wrong one, and leaves the deal: whoever they named stands in their place."""
    before = (state.deal.contacts if state.deal else None) or ()
    place = next((number for number, one in enumerate(before) if one.id == replaced), None)
    if state.deal is None or place is None:
        return
    staying = [one for one in before if one.id != replaced]
    named = next((one for one in staying[place:] if one.id == by), None)
    if named is not None:
        staying.remove(named)
        staying.insert(place, named)
    state.deal = state.deal.model_copy(update={"contacts": tuple(staying)})
    _keep_former_addresses(state, before)


def _keep_former_addresses(state: DealState, before: tuple[Contact, ...]) -> None:
    """Remember under which addresses contacts were known: somebody may still name them by these."""
    if state.deal is None:
        return
    now = {contact.id: contact.email for contact in state.deal.contacts or ()}
    for contact in before:
        if contact.email and now.get(contact.id) != contact.email:
            former = dict.fromkeys((*state.former_addresses.pop(contact.id, ()), contact.email))
            state.former_addresses[contact.id] = tuple(former)[-_FORMER_KEPT:]
    for contact_id in list(state.former_addresses)[:-_CONTACTS_KEPT]:
        del state.former_addresses[contact_id]


def keep_things(state: DealState, things: Things | None, focus: Mapping[str, str]) -> None:
    """Write down the meetings, demos, proposals and terms that an entry is about."""
    if things is not None:
        state.meetings |= things.meetings
        state.demos |= things.demos
        state.proposals |= things.proposals
        state.terms |= things.terms
    state.focus |= focus


def know_dates(state: DealState, paths: Sequence[str], at: datetime) -> None:
    """Remember when dates became known, or were moved."""
    state.dates_known |= dict.fromkeys(paths, Happened(number=state.entries, at=at))


def change_run(state: DealState, key: str | None, **changes: Any) -> None:  # noqa: ANN401 - fields of Run
    """Write down what is new about a run, if it still goes on."""
    if key is not None and (run := state.runs.get(key)):
        state.runs[key] = run.model_copy(update=changes)


def not_done_for_date(state: DealState, run: str, index: int | None, contact: str | None) -> None:
    """A step was called off: it may be done for its date after all. The run may have ended by now."""
    play = run.rsplit("/", 2)[0]
    key = f"{play} {contact}" if f"{play} {contact}" in state.dated_done else play
    if known := state.dated_done.get(key):
        latest = list(known)[-1]
        state.dated_done[key] = {**known, latest: tuple(each for each in known[latest] if each != index)}


def touch(state: DealState, at: datetime, *, by_person: bool) -> None:
    """Remember when the deal's contacts were reached first, by anybody and by a person."""
    state.first_touch_at = min(at, state.first_touch_at or at)
    if by_person:
        state.first_human_touch_at = min(at, state.first_human_touch_at or at)


def reach_by_channel(state: DealState, channel: str | None, contact: str | None, at: datetime) -> None:
    """Remember when a contact was reached by a channel."""
    if contact is not None:
        key = f"{channel} {contact}"
        state.channel_touches[key] = (*state.channel_touches.get(key, ()), at)[-_TOUCHES_KEPT:]


def reach(state: DealState, key: str | None) -> None:
    """Count what a run of a play has done for, or to, somebody."""
    if key is not None and (run := state.runs.get(key)):
        state.runs[key] = run.model_copy(update={"reached": run.reached + 1})
