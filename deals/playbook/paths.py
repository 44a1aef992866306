"""The view of a deal that conditions, dates and templates may look at, by dotted path."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from deals.deal import Account, Contact, Contract, Deal, Meeting, Proposal, Qualification
from deals.recorded import Recorded
from deals.state import DealState

Value = str | bool | int | float | Decimal | date | datetime


def _amount(deal: Deal) -> Decimal | None:
    return deal.amount.amount if deal.amount else None


def _currency(deal: Deal) -> str | None:
    return deal.amount.currency if deal.amount else None


_DEAL: dict[str, Callable[[Deal], object]] = {
    "id": lambda deal: deal.id,
    "title": lambda deal: deal.title,
    "source": lambda deal: deal.source,
    "parent": lambda deal: deal.parent,
    "score": lambda deal: deal.score,
    "health": lambda deal: deal.health,
    "amount": _amount,
    "currency": _currency,
}
_STATE: dict[str, Callable[[DealState], object]] = {
    "term": lambda state: state.term,
    "stage": lambda state: state.stage,
    "touches_sent": lambda state: state.touches_sent,
}
_PARTS: dict[str, type[Recorded]] = {
    "account": Account,
    "contact": Contact,
    "qualification": Qualification,
    "meeting": Meeting,
    "demo": Meeting,
    "proposal": Proposal,
    "contract": Contract,
}
_COUNTED = {"qualification": ("bant", "meddic")}


@dataclass(frozen=True, slots=True)
class Path:
    """A path into the view of a deal."""

    text: str
    reader: Callable[[DealState], object]

    def read(self, state: DealState) -> object:
        """The value there, or None when it is not known."""
        return self.reader(state)

    def __str__(self) -> str:
        return self.text


def known_path(text: str) -> Path:
    """The path of that name.

    Raises:
        ValueError: there is no such path, and which one may have been meant.
    """
    if text not in _PATHS and text.startswith("notes.") and len(text) > len("notes."):
        return _note(text)
    if text not in _PATHS:
        near = difflib.get_close_matches(text, _PATHS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"paths begin with {', '.join(('deal', *_PARTS, 'notes'))}."
        raise ValueError(f"{text!r} is nothing a deal has: {hint}")
    return _PATHS[text]


def all_paths() -> tuple[str, ...]:
    """Every path but those into ``notes``, which are free."""
    return tuple(_PATHS)


def _note(text: str) -> Path:
    name = text.removeprefix("notes.")
    return Path(text, lambda state: (state.deal.notes or {}).get(name) if state.deal else None)


def _of_deal(read: Callable[[Deal], object]) -> Callable[[DealState], object]:
    return lambda state: read(state.deal) if state.deal else None


def _of_part(part: str, field: str) -> Callable[[DealState], object]:
    return lambda state: getattr(getattr(state.deal, part), field, None) if state.deal else None


def _paths() -> dict[str, Path]:
    paths = {f"deal.{name}": _of_deal(read) for name, read in _DEAL.items()}
    paths |= {f"deal.{name}": read for name, read in _STATE.items()}
    for part, model in _PARTS.items():
        for field in (*model.model_fields, *_COUNTED.get(part, ())):
            paths[f"{part}.{field}"] = _of_part(part, field)
    return {text: Path(text, read) for text, read in paths.items()}


_PATHS = _paths()
DATED_PATHS = (
    "meeting.starts_at",
    "demo.starts_at",
    "proposal.sent_at",
    "proposal.opened_at",
    "contract.starts_on",
    "contract.ends_on",
)
"""The paths that hold a date, which a play or a step may be reckoned from."""
