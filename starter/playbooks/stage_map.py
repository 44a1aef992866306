"""The way of a deal through a playbook, drawn: as text, and as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dealwright.playbook.ways import Overview, StageOverview, Way

WHICH_WINS = "Of several at once, the first wins: an end, the furthest stage that begins so, the stage after, a play."
"""How the text ends: what a deal does that several ways are open to."""
_COLUMNS = 40
"""Columns of a label in a flowchart."""
_PASTE = str.maketrans({'"': "#quot;", "#": "#35;", "<": "#lt;", ">": "#gt;", "&": "#amp;"})
"""What Mermaid would read as its own, as it wants it written."""


def as_text(overview: Overview) -> Iterator[str]:
    """The lines for people: each stage with the ways that lead out of it alone, then those of several stages."""
    yield f"{overview.playbook}: {overview.summary}" if overview.summary else overview.playbook
    for stage in overview.stages:
        yield ""
        yield f"{stage.name} ({stage.owner}){': won' if stage.won else ''}"
        for words, condition in stage.needs.items():
            yield f"  {'held without' if stage.held else 'counted if missing'}: {words} ({condition})"
        if stage.passes:
            yield f"  not held, and counted: {', '.join(stage.passes)}"
        yield from _lines(way for way in overview.ways if way.sources == (stage.name,))
        yield from _runs(overview, stage.name)
    shared = [way for way in overview.ways if len(way.sources) > 1]
    if shared:
        yield ""
        yield "from several stages"
        yield from _lines(shared)
    if whole_deal := [*_runs(overview, None)]:
        yield from ("", "in every stage", *whole_deal)
    yield ""
    yield WHICH_WINS


def _runs(overview: Overview, stage: str | None) -> Iterator[str]:
    """The plays of a stage (None: of the whole deal) that run for each of some contacts."""
    for each in overview.for_each:
        if each.stage == stage:
            whom = each.contacts if each.contacts.startswith("every") else f"each {each.contacts}"
            yield f"  {each.play} runs for {whom}"


def _lines(ways: Iterable[Way]) -> Iterator[str]:
    for way in ways:
        origin = f"from {_origin(way)} " if len(way.sources) > 1 else ""
        yield f"  {origin}to {_target(way)} when {_label(way)}"


def _origin(way: Way) -> str:
    return "any earlier stage" if way.by == "enter_when" else "any stage"


def _target(way: Way) -> str:
    if way.outcome is not None:
        return f"the end ({way.outcome})"
    return way.stage or "the same stage, anew"


def _label(way: Way) -> str:
    return f"{way.play}: {way.when}" if way.play else way.when


def as_mermaid(overview: Overview) -> Iterator[str]:
    """The lines of a flowchart, as Mermaid reads it."""
    ids = {stage.name: f"s{number}" for number, stage in enumerate(overview.stages)}
    outcomes = list(dict.fromkeys(way.outcome for way in overview.ways if way.outcome))
    ends = {outcome: f"e{number}" for number, outcome in enumerate(outcomes)}
    shared = list(dict.fromkeys(way.sources for way in overview.ways if len(way.sources) > 1))
    origins = {sources: f"o{number}" for number, sources in enumerate(shared)}
    yield "flowchart TD"
    for stage in overview.stages:
        yield f"  {ids[stage.name]}[{_stage_text(stage)}]"
    for outcome, end in ends.items():
        yield f"  {end}([{_quoted(outcome)}])"
    for way in {way.sources: way for way in overview.ways if way.sources in origins}.values():
        yield f"  {origins[way.sources]}(({_quoted(_origin(way))}))"
    if any(way.by == "renews_on" for way in overview.ways):
        yield f"  again([{_quoted('the same stage, anew')}])"
    for way in overview.ways:
        start = origins.get(way.sources) or ids[way.sources[0]]
        arrow = "-->" if way.by == "leave_when" else "-.->"
        goal = ends[way.outcome] if way.outcome else ids.get(way.stage or "", "again")
        yield f"  {start} {arrow}|{_quoted(_label(way))}| {goal}"
    if won := [ids[stage.name] for stage in overview.stages if stage.won]:
        yield "  classDef won stroke-width:3px"
        yield f"  class {','.join(won)} won"


def _stage_text(stage: StageOverview) -> str:
    needs = f"{'held without' if stage.held else 'counted if missing'}: {', '.join(stage.needs)}" if stage.needs else ""
    return _quoted(*(line for line in (stage.name, f"{stage.owner}{', won' if stage.won else ''}", needs) if line))


def _quoted(*lines: str) -> str:
    """A label, in lines short enough to be drawn."""
    return '"' + "<br/>".join(part.translate(_PASTE) for line in lines for part in wrap(line, _COLUMNS)) + '"'
