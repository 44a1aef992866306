"""The view of a deal that conditions, dates and templates may look at, by dotted path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args

from dealwright.deal import Account, Contact, Contract, Deal, Meeting, Money, Proposal
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.qualification import BANT, MEDDIC, MEDDPICC, STATUSES, Qualification
from dealwright.state import DealState
from dealwright.values.recorded import AwareDatetime, Recorded

Value = str | bool | int | float | Decimal | date | datetime
Kind = Literal["text", "texts", "number", "date", "time"]
"""What a path holds: ``texts`` are several at once, a ``time`` has a time of day."""


def _amount(deal: Deal) -> Money | None:
    return deal.amount


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
    "close_on": lambda deal: deal.close_on,
    "back_on": lambda deal: deal.back_on,
    "forecast": lambda deal: deal.forecast,
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
_COUNTED = {"qualification": ("bant", "meddic", "meddpicc")}
_OF_MONEY = {
    "proposal": ("amount", "list_price", "recurring", "one_off"),
    "contract": ("value", "recurring", "one_off"),
}
_MONEY = {"deal.amount", *(f"{part}.{field}" for part, fields in _OF_MONEY.items() for field in fields)}
_HIGHEST = {
    "proposal.discount": 100.0,
    "deal.health": 100.0,
    "qualification.bant": 4.0,
    "qualification.meddic": 6.0,
    "qualification.meddpicc": 8.0,
}
_NUMBERS = ("deal.score", "deal.health", "deal.amount", "deal.term", "deal.touches_sent")
_KINDS: dict[str, Kind] = {**dict.fromkeys(_NUMBERS, "number"), "deal.close_on": "date", "deal.back_on": "date"}


_ALSO = {"currency": "amount"}
OWN = "fields."
"""How the paths of fields begin that a playbook declares."""
EXPERIMENT = "experiment."
"""How the paths of arms begin, of the experiments that a playbook declares."""
SCORE = "scores."
"""How the paths of scores begin."""
COMMITTEE = "committee."
"""How the paths begin that are worked out from the buying committee that a playbook declares."""
_DECLARED = {
    OWN: ("field", "fields", "with its type"),
    EXPERIMENT: ("experiment", "experiments", "with its arms"),
    SCORE: ("score", "scores", "with its points"),
    COMMITTEE: ("count", "committee", "with the roles and how many of each are wanted"),
}


STATUS = ".status"
"""How the paths end that say how sure an answer is."""
TOLD = ("qualification.", OWN, "notes.")
"""How the paths begin of what a person may be asked for."""
_COUNTED_FROM = {"bant": BANT, "meddic": MEDDIC, "meddpicc": MEDDPICC}


@dataclass(frozen=True, slots=True)
class Path:
    """A path into the view of a deal."""

    text: str
    reader: Callable[[DealState], object] = dataclass_field(compare=False)
    kind: Kind = "text"
    usual: tuple[str, ...] = ()
    """The texts that are usual there, where there are such; others may come."""
    words: tuple[str, ...] = ()
    """The only texts that can stand there, where there are such."""
    money: bool = False
    comes_from: str | None = None
    """The part of the deal that the value is worked out from, where it is."""
    broken: bool = False
    """Whether its field is declared in a wrong way, so that nothing can be said of its values."""

    @property
    def is_money(self) -> bool:
        """Whether the value is an amount in a currency."""
        return self.money or self.text in _MONEY

    @property
    def highest(self) -> float | None:
        """The highest value that can stand there, where there is such."""
        return _HIGHEST.get(self.text)

    def read(self, state: DealState) -> object:
        """The value there, or None when it is not known."""
        return self.reader(state)

    def compared(self, state: DealState) -> object:
        """The value as conditions compare it: numbers as decimals, of money the amount, None for no texts."""
        return as_compared(self.reader(state))

    @property
    def part(self) -> str:
        """The part of the deal that the value belongs to, as facts name what they teach: ``health``, ``proposal``."""
        if self.comes_from is not None:
            return self.comes_from
        head, _, field = self.text.partition(".")
        return {"deal": _ALSO.get(field, field), "contact": "contacts"}.get(head, head)

    def __str__(self) -> str:
        return self.text


def as_compared(value: object) -> object:
    """A value as conditions compare it: numbers as decimals, of money the amount, None for no texts."""
    if value is None or isinstance(value, str):
        return value  # as most are
    if isinstance(value, Money):
        return value.amount
    if value == ():
        return None
    if isinstance(value, int):
        return Decimal(value)
    return Decimal(str(value)) if isinstance(value, float) else value


def known_path(text: str, own: Mapping[str, Path] | None = None) -> Path:
    """The path of that name; ``own`` are those of the fields and experiments that the playbook declares.

    Raises:
        BadValue: there is no such path, and which one may have been meant.
    """
    if (beginning := text[: text.find(".") + 1]) in _DECLARED:
        return _own_path(text, beginning, own or {})
    if text not in _PATHS and text.startswith("notes.") and len(text) > len("notes."):
        return _note(text)
    if text in _SURE:
        return _SURE[text]
    if text not in _PATHS:
        beginnings = f"paths begin with {', '.join(('deal', *_PARTS, 'fields', 'scores', 'notes'))}"
        raise BadValue(f"{text!r} is nothing a deal has", did_you_mean(text, _PATHS, beginnings))
    return _PATHS[text]


def is_told(path: Path) -> bool:
    """Whether a person may say what stands there, where they are asked: no value that is worked out from others."""
    return path.text.startswith(TOLD) and path.comes_from is None and not counted_from(path)


def counted_from(path: Path) -> tuple[Path, ...]:
    """The paths of which one says how many are known; none for any other path."""
    part, _, field = path.text.partition(".")
    return tuple(_PATHS[f"{part}.{name}"] for name in _COUNTED_FROM.get(field, ())) if part == "qualification" else ()


def _own_path(text: str, beginning: str, own: Mapping[str, Path]) -> Path:
    if text not in own:
        what, key, needs = _DECLARED[beginning]
        declared = [each for each in own if each.startswith(beginning)]
        known = ", ".join(each.removeprefix(beginning) for each in declared)
        choice = f"{key} are {known}" if declared else "none is declared"
        remedy = did_you_mean(text, declared, f"{choice}: add it under {key}, {needs}")
        raise BadValue(f"{text!r} is no {what} of this playbook", remedy)
    return own[text]


def status_paths() -> tuple[str, ...]:
    """Every path that says how sure an answer of the qualification is."""
    return tuple(_SURE)


def all_paths() -> tuple[str, ...]:
    """Every path but those of ``status_paths``, those into ``notes``, and those into ``fields``."""
    return tuple(_PATHS)


def _note(text: str) -> Path:
    name = text.removeprefix("notes.")
    return Path(text, lambda state: (state.deal.notes or {}).get(name) if state.deal else None)


def _of_deal(read: Callable[[Deal], object]) -> Callable[[DealState], object]:
    return lambda state: read(state.deal) if state.deal else None


def _of_part(part: str, field: str) -> Callable[[DealState], object]:
    return lambda state: getattr(getattr(state.deal, part), field, None) if state.deal else None


def _status(question: str) -> Callable[[DealState], object]:
    """How sure the answer is that is known now; None where nobody said so of this one."""

    def read(state: DealState) -> object:
        standing = (state.deal.standing or {}).get(question) if state.deal else None
        answer = getattr(state.deal.qualification, question, None) if state.deal else None
        return standing.status if standing is not None and standing.answer == answer else None

    return read


def _paths() -> dict[str, Path]:
    readers = {f"deal.{name}": _of_deal(read) for name, read in _DEAL.items()} | {
        f"deal.{name}": read for name, read in _STATE.items()
    }
    found = [Path(text, read, _KINDS.get(text, "text")) for text, read in readers.items()]
    for part, model in _PARTS.items():
        for field, info in model.model_fields.items():
            kind, usual = _kind_of(info.annotation)
            found.append(Path(f"{part}.{field}", _of_part(part, field), kind, usual))
        found += [Path(f"{part}.{field}", _of_part(part, field), "number") for field in _COUNTED.get(part, ())]
    return {path.text: path for path in found}


def _flat(annotation: object) -> Iterator[object]:
    """A type and all that it is made of: of ``Annotated`` and of unions."""
    yield annotation
    if annotation != tuple[str, ...]:
        for part in get_args(annotation):
            yield from _flat(part)


def _kind_of(annotation: object) -> tuple[Kind, tuple[str, ...]]:
    """What a field holds, from its type, and the texts that are usual there."""
    parts = tuple(_flat(annotation))
    usual = tuple(text for part in parts[1:] for text in get_args(part) if isinstance(text, str))
    if tuple[str, ...] in parts:
        return "texts", ()
    if AwareDatetime in parts:
        return "time", ()
    if date in parts:
        return "date", ()
    return ("number", ()) if {int, float, Decimal, Money} & set(parts) else ("text", usual)


_PATHS = _paths()
_SURE = {
    f"qualification.{name}{STATUS}": Path(f"qualification.{name}{STATUS}", _status(name), words=STATUSES)
    for name in Qualification.model_fields
}
"""The paths that say how sure an answer is."""
DATED_PATHS = (
    "meeting.starts_at",
    "demo.starts_at",
    "proposal.sent_at",
    "proposal.opened_at",
    "contract.starts_on",
    "contract.ends_on",
    "deal.back_on",
)
"""The paths that hold a date, which a play or a step may be reckoned from. A playbook's own dates may, too."""
