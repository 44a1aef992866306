"""Documents as a playbook declares them: which template of which tool, for which terms, to whom."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from dealwright.calendar.durations import Span
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.fields import PathField, Word
from dealwright.playbook.language.paths import Path
from dealwright.values.recorded import Given, Name

Costs: TypeAlias = Literal["amount", "recurring", "one_off"]

_OF_THE_SENDING = frozenset(
    f"proposal.{field}" for field in ("id", "link", "sent_at", "opened_at", "template", "status")
)
"""What a proposal knows by being sent: no term, since each sending would change it."""

_COSTS: dict[Costs, frozenset[str]] = {
    "amount": frozenset({"deal.amount", "proposal.amount", "contract.value"}),
    "recurring": frozenset({"proposal.recurring", "contract.recurring"}),
    "one_off": frozenset({"proposal.one_off", "contract.one_off"}),
}
"""The terms that say what a document costs: as a whole, each year, and once."""


def _as_text(version: object) -> object:
    return str(version) if isinstance(version, int | float) and not isinstance(version, bool) else version


def _agreed_on(path: Path) -> Path:
    if path.text in _OF_THE_SENDING:
        problem, remedy = f"{path.text!r} is no term: sending the document changes it", "name what both sides agree on"
        raise BadValue(problem, remedy)
    return path


def _a_day(path: Path) -> Path:
    if path.kind != "date" and not path.broken:
        raise BadValue(f"{path.text!r} is no day", "name a field of the type date")
    return path


_Term = Annotated[PathField, AfterValidator(_agreed_on)]
_DayPath = Annotated[PathField, AfterValidator(_a_day)]


class DocumentRule(Given):
    """A proposal or contract that is made from an approved template."""

    kind: Literal["proposal", "contract"] = "proposal"
    """A proposal is accepted or declined; a contract is signed, and its term begins."""
    tool: Word
    """The tool that makes and sends it, as the connections file calls it."""
    template: Name
    """The template, as the tool names it."""
    version: Annotated[Name, BeforeValidator(_as_text)]
    """The template's approved version."""
    terms: Annotated[dict[Word, _Term], Field(min_length=1, max_length=30)]
    """What it says of the deal, by the names that the template has for it. If one changes, a new version goes out."""
    needs: Word | None = None
    """The approval that must be granted for these terms before it goes out."""
    attachments: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    """What goes with it, as the connections file calls it."""
    to: Word | None = None
    """The role in the buying committee that gets it; by default the deal's first contact with an address."""
    expires_after: Span | None = None
    """How long it can be accepted or signed; without it, as the tool has it."""
    starts_on: _DayPath | None = None
    """Of a contract: its first day."""
    ends_on: _DayPath | None = None
    """Of a contract: its last day."""

    @model_validator(mode="after")
    def _a_contract_has_its_days(self) -> Self:
        days = (self.starts_on, self.ends_on)
        if self.kind == "contract" and None in days:
            raise BadValue("a contract has a first and a last day", "write starts_on and ends_on, each with a path")
        if self.kind == "proposal" and days != (None, None):
            raise BadValue("a proposal begins no term", "write kind: contract, or take starts_on and ends_on out")
        return self

    @property
    def paths(self) -> dict[str, Path]:
        """Where each of its terms stands, by its name; of a contract, its days too."""
        days = {"starts_on": self.starts_on, "ends_on": self.ends_on}
        return {**self.terms, **{name: path for name, path in days.items() if path is not None}}

    @property
    def costs(self) -> dict[Costs, tuple[Path, ...]]:
        """Those of its terms that say what it costs, as they are in the effect that sends it."""
        return {what: tuple(one for one in self.terms.values() if one.text in said) for what, said in _COSTS.items()}


Documents = Annotated[dict[Word, DocumentRule], Field(max_length=50)]
