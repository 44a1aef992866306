"""Approvals as a playbook writes them: whose yes it takes, by levels of one value or by rules side by side."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from dealwright.calendar.durations import Span
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.approval_chains import chain_of, side_by_side
from dealwright.playbook.language.approval_levels import ApprovalLevel, chain_by_levels
from dealwright.playbook.language.approval_matrix import MatrixRule, directions
from dealwright.playbook.language.fields import Currency, PathField, Word
from dealwright.playbook.language.paths import Path
from dealwright.terms import Chains, Worse, everybody_in
from dealwright.values.recorded import Given


class ApprovalRule(Given):
    """A question that needs a yes from chains of people: by levels of one value, or by rules side by side."""

    name: Word
    """The approval's name."""
    of: PathField | None = None
    """The value that decides the level."""
    terms: dict[Word, PathField] = {}
    """What else the approvers see and agree to, exactly."""
    currency: Currency | None = None
    """The currency of the levels, when ``of`` is money."""
    levels: Annotated[tuple[ApprovalLevel, ...], Field(min_length=1)] = ()
    """Who must say yes, from the lowest value to the highest."""
    rules: Annotated[tuple[MatrixRule, ...], Field(min_length=1)] = ()
    """Who must say yes in which case: all rules that apply ask, side by side."""
    answer_within: Span = Span.parse("1bd")
    """How long each of the chain has."""
    escalate: Word | None = None
    """The role that is told when an answer is overdue."""
    valid_for: Span | None = None
    """How long a grant holds; then the approval is asked for anew. Without it, until the next contract term."""
    stand_in: dict[Word, Word] = {}
    """For a role that is asked, the role that may answer too while nobody holds it, or once it is late."""

    @model_validator(mode="after")
    def _by_levels_or_by_rules(self) -> Self:
        if self.rules and (self.levels or self.of is not None):
            raise BadValue("the approval has levels and rules", "keep of and levels (one value), or rules (several)")
        if not self.rules and self.of is None:
            remedy = "write of: and levels: for one value, or rules: for several"
            raise BadValue("nothing says who must say yes", remedy)
        if not self.rules and not self.levels:
            raise BadValue("'levels' is empty", "say who must say yes: levels: [{by: [a role]}]")
        if self.rules and self.currency is not None:
            raise BadValue("each rule has a currency of its own", "write currency: beside the rule's if")
        return self

    @cached_property
    def deciding(self) -> dict[str, Path]:
        """The values that decide who is asked, by their names among the terms."""
        found: dict[str, Path] = {}
        looked_at = [self.of] if self.of is not None else [path for path, _ in self._directions]
        for path in looked_at:
            if path not in found.values():
                found[self._name_of(path, found)] = path
        return found

    @cached_property
    def worse(self) -> dict[str, Worse]:
        """In which direction deciding values get worse; of those that are not there, every other value is."""
        if self.of is not None:
            return dict.fromkeys(self.deciding, "more")
        found: dict[str, Worse] = {}
        for name, path in self.deciding.items():
            ways = {way for each, way in self._directions if each == path}
            if len(ways) == 1 and name not in self.terms and (way := ways.pop()) is not None:
                found[name] = way
        return found

    @cached_property
    def paths(self) -> dict[str, Path]:
        """Where each of the terms stands, by its name; the deciding values first."""
        return {**self.deciding, **self.terms}

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """All roles that are asked, in one case or another."""
        return everybody_in(self.chains)

    @cached_property
    def chains(self) -> Chains:
        """All chains that are asked, in one case or another."""
        asked = (*(level.by for level in self.levels), *(rule.by for rule in self.rules))
        return tuple(map(chain_of, asked))

    def chains_for(self, values: Mapping[str, object]) -> Chains | None:
        """The chains that must say yes to terms of these values, side by side; None when nobody may."""
        if self.of is not None:
            chain = chain_by_levels(self.levels, self.of, self.currency, values[next(iter(self.deciding))])
            return None if chain is None else side_by_side([chain])
        named = {path.text: values[name] for name, path in self.deciding.items()}
        applying = (rule for rule in self.rules if rule.applies(lambda path: named[path.text]))
        return side_by_side([chain_of(rule.by) for rule in applying])

    @cached_property
    def _directions(self) -> tuple[tuple[Path, Worse | None], ...]:
        return tuple(found for rule in self.rules if rule.if_ is not None for found in directions(rule.if_))

    def _name_of(self, path: Path, taken: Mapping[str, Path]) -> str:
        """What a deciding value is called: as the terms call it, else in short where that is its own."""
        if self.of is None and (given := next((name for name, each in self.terms.items() if each == path), None)):
            return given
        short = path.text.rpartition(".")[2]
        return short if short not in taken and self.terms.get(short, path) == path else path.text
