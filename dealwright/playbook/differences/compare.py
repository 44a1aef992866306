"""In what two bundles differ, all of it, from the top of the file to its templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from pydantic import BaseModel, JsonValue

from dealwright.playbook.differences.difference import Difference, Place, What, difference
from dealwright.playbook.differences.plays import compare_plays
from dealwright.playbook.differences.templates import compare_templates
from dealwright.playbook.differences.values import changes, in_words, written
from dealwright.playbook.language.endings import End
from dealwright.playbook.language.model import Playbook

_BY_NAME = {
    "stages",
    "plays",
    "handoffs",
    "approvals",
    "roles",
    "sources",
    "signals",
    "notes",
    "ends",
    "experiments",
    "pools",
}
"""The keys of a playbook whose parts are found by their names; all others are compared key by key."""


class Bundle(NamedTuple):
    """A playbook and the texts of its bundle's files, by their paths."""

    playbook: Playbook
    files: Mapping[str, str]


def compare(old: Bundle, new: Bundle) -> tuple[Difference, ...]:
    """Everything in which two bundles differ; nothing when they say the same, however they are written."""
    before, after = old.playbook, new.playbook
    return (
        *changes(Place("playbook", after.playbook), before, after, besides=_BY_NAME),
        *_parts("role", dict(before.roles), dict(after.roles)),
        *_parts("pool", dict(before.pools), dict(after.pools)),
        *_words(before, after),
        *_ends(before, after),
        *_parts("handoff", {one.name: one for one in before.handoffs}, {one.name: one for one in after.handoffs}),
        *_parts("approval", {one.name: one for one in before.approvals}, {one.name: one for one in after.approvals}),
        *_parts("experiment", before.experiments, after.experiments),
        *_stages(before, after),
        *compare_plays(before, after),
        *compare_templates(old.files, new.files),
    )


def _parts(kind: str, old: Mapping[str, BaseModel], new: Mapping[str, BaseModel]) -> Iterator[Difference]:
    for name, part in old.items():
        if name not in new:
            yield difference(Place(kind, name), "removed", "is gone", before=written(part))
    for name, part in new.items():
        if name not in old:
            yield difference(Place(kind, name), "added", "is new", after=written(part))
        else:
            yield from changes(Place(kind, name), old[name], part, besides={"name", "plays"})


def _words(old: Playbook, new: Playbook) -> Iterator[Difference]:
    for kind in ("sources", "signals", "notes"):
        before, after = old.declared(kind), new.declared(kind)
        if (before is None) != (after is None):
            text = f"{kind}: any word may be used" if after is None else f"{kind}: only declared words may be used"
            was, now = (None if one is None else list[JsonValue](one) for one in (before, after))
            yield difference(Place("playbook", new.playbook), "changed", text, field=kind, before=was, after=now)
        else:
            yield from _meanings(kind.removesuffix("s"), before or {}, after or {})


def _meanings(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    for word in dict.fromkeys((*before, *after)):
        place, was, now = Place(kind, word), before.get(word), after.get(word)
        if now is None:
            yield difference(place, "removed", "is gone", before=was)
        elif was is None:
            yield difference(place, "added", "is new", after=now)
        elif was != now:
            yield difference(place, "changed", f'means "{now}" instead of "{was}"', before=was, after=now)


def _ends(old: Playbook, new: Playbook) -> Iterator[Difference]:
    for key in dict.fromkeys((*old.endings, *new.endings)):
        was, now, place = old.ended_by(key), new.ended_by(key), Place("end", key)
        if was is not None and was == now:
            first, then = _asked_first(old.endings[key]), _asked_first(new.endings[key])
            if first != then:
                text = f"asks for the reason before the end for {in_words(then)} instead of {in_words(first)}"
                yield difference(place, "changed", text, before=first, after=then)
        if was != now:
            text = f"ends a deal as {in_words(now)} instead of {in_words(was)}"
            what: What = "added" if was is None else "removed" if now is None else "changed"
            yield difference(place, what, text, before=was, after=now)


def _asked_first(end: End) -> str | None:
    return None if end.ask_first is None else str(end.ask_first)


def _stages(old: Playbook, new: Playbook) -> Iterator[Difference]:
    before, after = ({stage.name: stage for stage in one.stages} for one in (old, new))
    yield from _parts("stage", before, after)
    was, now = _order(list(before), after), _order(list(after), before)
    if was != now:
        text = f"the stages come in another order: {', '.join(after)}"
        yield difference(Place("playbook", new.playbook), "moved", text, before=list(before), after=list(after))


def _order(names: Sequence[str], others: Mapping[str, object]) -> list[tuple[str, str]]:
    return list(pairwise(name for name in names if name in others))
