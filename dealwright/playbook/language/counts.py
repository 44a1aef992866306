"""Counts: what happened so often, within so long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from dealwright.calendar.durations import ELAPSED, Span
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.facts import FACTS
from dealwright.fold.counting import MOST_COUNTED
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.triggers import event_keys
from dealwright.state import DealState

Since: TypeAlias = tuple[datetime, int] | None
"""A moment, and the number of the last entry that does not count at it; None for the deal's whole life."""
Scope: TypeAlias = Literal["deal", "visit"]
"""Since what something counts that happened, where a playbook says so: the deal's beginning, the stage's visit."""
_WORDS = ("times", "within")
_EXAMPLE = "write {buying_signal_seen: invite, times: 3, within: 7d}"


def key_in_words(key: str) -> str:
    """A fact or event as people say it."""
    return key.replace("_", " ").replace(":", ": ")


def counts_since(scope: Scope | None, state: DealState, since: Since) -> Since:
    """Since when things count: as the playbook says, or where it says nothing, since what the condition belongs to."""
    if scope is None:
        return since
    return None if scope == "deal" else state.visit_since


def in_scope(happened: str, scope: Scope | None) -> str:
    """What happened as people say it, with since when it counts."""
    return happened if scope is None else f"{happened} since the {scope} began"


def key_explained(key: str) -> str:
    """A fact as people say it, with its variant as it is written."""
    name, _, variant = key.partition(":")
    return f"{name.replace('_', ' ')}: {variant}" if variant else name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class HappenedTimes:
    """One of these facts happened so many times since then, the first and the last of them within so long."""

    keys: tuple[str, ...]
    times: int
    within: Span | None = None
    """In elapsed time: minutes, hours or days."""
    scope: Scope | None = None

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds."""
        return self._reached(self._counted(state, since))

    def is_made_up_by(self, state: DealState, at: datetime, since: Since) -> bool:
        """Whether it holds by what happened at that time, and would not by what happened around it alone."""
        around = [each for each in self._counted(state, since) if self._is_close(each, at)]
        if at not in around or not self._reached(around):
            return False
        around.remove(at)
        return not self._reached(around)

    def words(self) -> str:
        """The condition as people say it."""
        within = f" within {self.within}" if self.within is not None else ""
        facts = " or ".join(map(key_in_words, self.keys))
        return in_scope(f"{facts}, {self.times} times{within}", self.scope)

    def _counted(self, state: DealState, since: Since) -> list[datetime]:
        since = counts_since(self.scope, state, since)
        return sorted(
            one.at
            for key, told in state.counted.items()
            if key in self.keys or key.partition(":")[0] in self.keys
            for one in told
            if since is None or (one.at, one.number) > since
        )

    def _reached(self, counted: list[datetime]) -> bool:
        ends = zip(counted, counted[self.times - 1 :], strict=False)
        return any(self._is_close(first, last) for first, last in ends)

    def _is_close(self, one: datetime, other: datetime) -> bool:
        return self.within is None or abs(other - one) <= self.within.amount * ELAPSED[self.within.unit]


def is_count(written: object) -> bool:
    """Whether something is written as a count: with how often, or within how long."""
    return isinstance(written, dict) and not set(_WORDS).isdisjoint(written)


def read_count(written: object) -> HappenedTimes:
    """Read a count as a playbook writes it: ``{buying_signal_seen: invite, times: 3, within: 7d}``.

    Raises:
        BadInput: what is wrong and where, and what to write instead.
    """
    given = written if isinstance(written, dict) else {}
    facts = [str(name) for name in given if name not in _WORDS]
    if len(facts) != 1 or "times" not in given:
        raise BadValue("this does not count one fact", _EXAMPLE)
    (name,) = facts
    if name not in FACTS:
        remedy = did_you_mean(name, FACTS, "count a fact, as in {buying_signal_seen: invite, times: 3, within: 7d}")
        raise BadValue(f"{name!r} is no fact, and only facts are counted", remedy, (name,))
    return HappenedTimes(event_keys(name, given[name]), _times(given["times"]), _within(given.get("within")))


def _read(written: object) -> HappenedTimes:
    return written if isinstance(written, HappenedTimes) else read_count(written)


Count = Annotated[
    HappenedTimes,
    PlainValidator(_read),
    PlainSerializer(HappenedTimes.words, return_type=str),
    WithJsonSchema({"$comment": "Count"}),
]
"""A count as a field of a playbook's model."""


def _times(written: object) -> int:
    if isinstance(written, int) and not isinstance(written, bool) and 2 <= written <= MOST_COUNTED:  # noqa: PLR2004
        return written
    problem, remedy = f"{written!r} is no count", f"write a whole number from 2 to {MOST_COUNTED}"
    raise BadValue(problem, remedy, ("times",))


def _within(written: object) -> Span | None:
    if written is None:
        return None
    span = Span.parse(str(written))
    if span.unit in ELAPSED and span.amount:
        return span
    raise BadValue(
        f"{written} is no elapsed time to count in", "write minutes, hours or days: 90m, 48h, 7d", ("within",)
    )
