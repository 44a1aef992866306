"""What applying an entry to the state has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from dealwright.deal import Contact, Known
from dealwright.facts.things import Things
from dealwright.state import DealState, Happened

_FORMER_KEPT = 10
"""Of the addresses that a contact had before, the last ones."""
_CONTACTS_KEPT = 500
"""Of the contacts whose address changed or who left the deal, the last ones."""

Apply: TypeAlias = Callable[[DealState, Any], None]
"""Applies an entry of its kind to the state."""


def happen(state: DealState, name: str, at: datetime, variant: str | None = None) -> None:
    """Remember when a fact or event last happened, also under its variant."""
    keep_latest(state.happened, name, Happened(number=state.entries, at=at), variant)


def keep_latest(table: dict[str, Happened], name: str, happened: Happened, variant: str | None = None) -> None:
    """Remember the latest time of something, also under its variant."""
    for key in (name,) if variant is None else (name, f"{name}:{variant}"):
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


def not_done_for_date(state: DealState, run: str, index: int | None) -> None:
    """A step was called off: it may be done for its date after all."""
    play = run.rsplit("/", 2)[0]
    if known := state.dated_done.get(play):
        latest = list(known)[-1]
        state.dated_done[play] = {**known, latest: tuple(each for each in known[latest] if each != index)}


def reach(state: DealState, key: str | None) -> None:
    """Count what a run of a play has done for, or to, somebody."""
    if key is not None and (run := state.runs.get(key)):
        state.runs[key] = run.model_copy(update={"reached": run.reached + 1})
