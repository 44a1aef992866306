"""What a playbook's lives are made of: its own facts, words and bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dealwright.facts import FACTS
from dealwright.playbook.checks.traversal import asked_for, conditions_in, tasks_in
from dealwright.playbook.language.conditions import Compares, Equals, Test, compared_paths, leaves
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.paths import STATUS
from simulation.proving.people import contact_roles_in

NEVER_TOLD = frozenset({
    "crm_stage_moved", "crm_properties_changed", "crm_deal_deleted", "crm_deal_merged", "crm_task_completed",
    "touch_confirmed", "note_added",
})  # fmt: skip
"""What people do to a deal against its playbook, or what no playbook can wait for in a simulated life."""
_SOURCES = ("inbound", "outbound")
_PIECES = ("use_case", "timeline")


@dataclass(frozen=True)
class PlaybookWords:
    """The words of one playbook, with those of its policies."""

    playbook: Playbook
    facts: tuple[str, ...]
    """All facts that may be told."""
    heard: dict[str, tuple[str, ...]]
    """By stage, the keys of all facts that anything waits for there."""
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    signals: tuple[str, ...]
    bounds: dict[str, tuple[Decimal, ...]]
    """By path, the numbers on both sides of every bound that the playbook compares it with."""
    currency: str
    variants: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By fact, the variants that the playbook asks for."""
    contact_roles: tuple[str, ...] = ()
    """The roles of contacts that the playbook speaks of."""
    asks_how_sure: bool = False
    """Whether anything asks how sure an answer of the qualification is."""


def words_of(playbook: Playbook, keys: Sequence[str] = (), conditions: Iterable[Test] = ()) -> PlaybookWords:
    """The words of a playbook; ``keys`` and ``conditions`` are those of its policies."""
    tests = [condition for _, condition in conditions_in(playbook)] + list(conditions)
    asked = [key for _, key in asked_for(playbook)]
    return PlaybookWords(
        playbook=playbook,
        heard={stage.name: tuple(_heard(playbook, stage.name, asked)) for stage in playbook.stages},
        facts=tuple(name for name in FACTS if name not in NEVER_TOLD),
        sources=sources_of(playbook, tests),
        notes=_notes(playbook),
        signals=tuple(playbook.signals or ()) or ("interest",),
        bounds=_bounds(playbook, tests),
        currency=next(filter(None, _currencies(playbook)), "EUR"),
        variants=_variants((*asked, *keys)),
        contact_roles=contact_roles_in(playbook),
        asks_how_sure=any(path.text.endswith(STATUS) for test in tests for path in compared_paths(test)),
    )


def _currencies(playbook: Playbook) -> Iterator[str | None]:
    for approval in playbook.approvals:
        yield approval.currency
        yield from (rule.currency for rule in approval.rules)


def may_be_told(keys: Iterable[str]) -> tuple[str, ...]:
    """Those of these keys that are facts which lives are told, each once."""
    return tuple(dict.fromkeys(key for key in keys if _names(key) in FACTS and _names(key) not in NEVER_TOLD))


def leading_to(playbook: Playbook, keys: Iterable[str]) -> tuple[str, ...]:
    """The facts that may bring these facts and events about: for a level, those that give points."""
    asked = tuple(keys)
    if not any(_names(key) in {"level_reached", "level_lost"} for key in asked):
        return may_be_told(asked)
    rules = [rule for score in playbook.scores.values() for rule in score.points]
    return may_be_told((*asked, *(key for rule in rules for key in rule.for_), "account_researched"))


def _names(key: str) -> str:
    return key.partition(":")[0]


def _heard(playbook: Playbook, stage: str, asked: Iterable[str]) -> Iterator[str]:
    names = playbook.heard(stage)
    yield from may_be_told(key for key in asked if _names(key) in names)


def _variants(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for key in keys:
        name, _, variant = key.partition(":")
        if variant:
            found[name][variant] = None
    return {name: tuple(variants) for name, variants in found.items()}


def sources_of(playbook: Playbook, tests: Iterable[Test]) -> tuple[str, ...]:
    """Where its deals come from."""
    if playbook.sources:
        return tuple(playbook.sources)
    texts = [value for test in _equal(tests, "deal.source") for value in map(str, test.values)]
    return tuple(dict.fromkeys((*texts, *_SOURCES)))


def _equal(tests: Iterable[Test], path: str) -> Iterator[Equals]:
    for test in tests:
        yield from (leaf for leaf in leaves(test) if isinstance(leaf, Equals) and leaf.path.text == path)


def _notes(playbook: Playbook) -> tuple[str, ...]:
    needed = [piece for rule in playbook.handoffs for piece in rule.needs]
    asked = [piece for _, task in tasks_in(playbook) for piece in task.asks]
    return tuple(dict.fromkeys((*(playbook.notes or ()), *needed, *asked))) or _PIECES


def _bounds(playbook: Playbook, tests: Iterable[Test]) -> dict[str, tuple[Decimal, ...]]:
    found: dict[str, set[Decimal]] = defaultdict(set)
    for test in tests:
        for leaf in leaves(test):
            if isinstance(leaf, Compares) and not isinstance(leaf.limit, date):
                found[leaf.path.text].add(leaf.limit)
    for rule in playbook.approvals:
        if rule.of is not None:
            found[rule.of.text] |= {Decimal(str(level.up_to)) for level in rule.levels if level.up_to is not None}
    return {path: _around(limits) for path, limits in found.items()}


def _around(limits: Iterable[Decimal]) -> tuple[Decimal, ...]:
    return tuple(sorted({value for limit in limits for value in (limit - 1, limit, limit + 1) if value >= 0}))
