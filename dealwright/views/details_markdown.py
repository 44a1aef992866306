"""The short page that the Temporal UI shows of a deal: what blocks it, who acts, what comes next.

Markdown of the kind that the UI renders: headings, bold, bullets (tables lose their spacing). Text from outside
is escaped, so that a note cannot put a link into the page. Roles stand for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from dealwright.deal import in_words
from dealwright.entries import Entry
from dealwright.state import DealState
from dealwright.values.times import in_full, in_short
from dealwright.views.snapshot import fields_of
from dealwright.waits import Wait, by_time, deadlines_of, next_wait, waits_of

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~]|:(?=//)|(?<=www)\.)")
_STEERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and what turns the direction of the text after it: neither is shown."""
_SIGNS = frozenset(r"\`*_[]<>#|~")
_LONGEST_LINE = 200
_MOST_LINES = 6
_LAST_ENTRIES = 5


def page_of(state: DealState, recent: Sequence[Entry] = ()) -> str:
    """The page of a deal, with the last five of the ``recent`` entries."""
    ahead, asked = sorted(waits_of(state), key=by_time), [*_pieces_to_bring(state), *_asked(state)]
    parts = [f"**{_plain(_what_blocks(state, ahead, asked))}**", *_standing(state)]
    parts.extend(_section("Next", [_agenda_line(wait) for wait in ahead[:_MOST_LINES]], len(ahead)))
    parts.extend(_section("Waits for people", asked))
    parts.extend(_section("Needs attention", list(state.attention.values())))
    parts.extend(_section("Fields", [f"{name}: {in_words(value)}" for name, value in fields_of(state).items()]))
    parts.extend(_section("Scores", list(_scores(state))))
    last = [f"{in_short(entry.at)} {entry.sentence()}" for entry in recent[-_LAST_ENTRIES:]]
    parts.extend(_section("Last", last[::-1]))
    return "\n\n".join(parts)


def _what_blocks(state: DealState, ahead: Sequence[Wait], asked: Sequence[str]) -> str:
    """What blocks the deal, and who acts: the page's first line."""
    if state.finished:
        return f"Finished: {state.outcome}. {asked[0] if asked else 'Nobody has to do anything.'}"
    if state.pause is not None:
        end = next_wait(state)
        if state.pause.ending is not None and end is not None:
            asked = f" {state.owner_role} is asked why." if state.owner_role else ""
            return f"Held: nothing goes out. {end.what} on {_moment(end.at)}, unless it is resumed.{asked}"
        return f"Paused. {end.what} on {_moment(end.at)}." if end else "Paused."
    if state.attention:
        first, *more = state.attention.values()
        return f"Needs attention: {first}" + (f" (and {len(more)} more)" if more else "")
    if state.held_by:
        return f"{state.owner_role} brings what is missing to leave {state.stage}: {', '.join(state.held_by)}."
    if asked:
        return asked[0]
    if not ahead:
        return "Nothing is planned."
    return f"Nothing blocks. Next: {ahead[0].what}, {_moment(ahead[0].at)}."


def _standing(state: DealState) -> Iterator[str]:
    if state.finished or not state.stage:
        return
    entered = f" since {_moment(state.stage_entered_at)}" if state.stage_entered_at else ""
    yield _plain(f"Stage {state.stage}{entered}, owned by {state.owner_role}.")
    if state.leaves_when:
        yield _plain(f"Leaves when: {state.leaves_when}")


def _scores(state: DealState) -> Iterator[str]:
    """The levels that the deal is at, and each score with what it is made of."""
    if state.levels:
        yield f"At {', '.join(state.levels)}"
    for name, standing in state.scores.items():
        made_of = ", ".join(point.words() for point in standing.points)
        yield f"{name} {standing.value} on {in_short(standing.at)}: {made_of or 'no points'}"


def _pieces_to_bring(state: DealState) -> Iterator[str]:
    for handoff in state.handoffs.values():
        if handoff.missing:
            yield f"{handoff.from_role} brings for {handoff.name}: {', '.join(handoff.missing)}"


def _asked(state: DealState) -> Iterator[str]:
    for wait in sorted(deadlines_of(state)):
        if wait.kind == "task":
            yield f"{wait.who}: {wait.name}, due {_moment(wait.at)}" + (" (overdue)" if wait.missed else "")
        elif wait.kind == "approval":
            terms = state.approvals[wait.id].asked.words()
            yield f"{wait.who} answers: {wait.name} ({terms}), by {_moment(wait.at)}"
        else:
            yield f"{wait.who} accepts: {wait.name}, by {_moment(wait.at)}"


def _agenda_line(wait: Wait) -> str:
    return f"{_moment(wait.at)}: {wait.what} ({wait.why})"


def _moment(at: datetime) -> str:
    return f"{in_full(at)} UTC"


def _section(title: str, lines: list[str], of: int | None = None) -> Iterator[str]:
    """The first lines of a section that has so many (as many as are given, unless said)."""
    if not lines:
        return
    shown = [f"- {_plain(line)}" for line in lines[:_MOST_LINES]]
    if (more := (of or len(lines)) - len(shown)) > 0:
        shown.append(f"- and {more} more")
    yield f"### {title}\n" + "\n".join(shown)


def _plain(text: str) -> str:
    one_line = _STEERS.sub("", " ".join(text.split()))
    short = one_line if len(one_line) <= _LONGEST_LINE else f"{one_line[:_LONGEST_LINE]}…"
    if _SIGNS.isdisjoint(short) and "://" not in short and "www." not in short:
        return short  # as most lines are: looking first takes a fifth of the time
    return _MARKUP.sub(_escaped, short)


def _escaped(sign: re.Match[str]) -> str:
    """For a template, the pattern would import ``re`` each time, through the sandbox of the workflow."""
    return f"\\{sign[0]}"
