"""The way of a deal through a playbook, as people draw it: the stages, the ways between them, and the ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dealwright.playbook.language.conditions import HasHappened, opposite
from dealwright.playbook.language.counts import HappenedTimes
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.stages import Gate, Stage
from dealwright.playbook.language.steps.close import CloseStep
from dealwright.playbook.language.steps.enter import EnterStep
from dealwright.playbook.language.steps.step import Step


class Way(BaseModel):
    """A way from one or more stages to another one, or to an end."""

    model_config = ConfigDict(frozen=True)

    by: Literal["leave_when", "enter_when", "renews_on", "ends", "play"]
    """What of the playbook takes a deal this way."""
    sources: tuple[str, ...]
    """The stages that it leads from, in the playbook's order."""
    stage: str | None = None
    """The stage that it leads to; None for an end, and for ``renews_on``, which enters the same stage anew."""
    outcome: str | None = None
    """The end that it leads to."""
    when: str
    """When a deal takes it, in words."""
    play: str | None = None
    """The play that takes a deal this way."""


class PlayForEach(BaseModel):
    """A play that runs for each of some contacts."""

    model_config = ConfigDict(frozen=True)

    play: str
    stage: str | None
    """The stage that it belongs to; None for a play of the whole deal."""
    contacts: str
    """For whom it runs, in words."""


class StageOverview(BaseModel):
    """A stage, without what is done there."""

    model_config = ConfigDict(frozen=True)

    name: str
    owner: str
    """The role that owns it."""
    won: bool
    """Whether a deal that enters it is won."""
    needs: dict[str, str]
    """What its gate requires, by the words that people read, in words."""
    held: bool
    """Whether the gate holds the deal while something is missing, or only counts it."""
    passes: tuple[str, ...] = ()
    """What leads past a gate that holds, in words; what is missing is counted then."""
    plays: tuple[str, ...]
    """The plays of the stage, by name."""


class Overview(BaseModel):
    """A playbook's stages and the ways between them."""

    model_config = ConfigDict(frozen=True)

    playbook: str
    summary: str | None
    stages: tuple[StageOverview, ...]
    plays: tuple[str, ...]
    """The plays of the whole deal, by name."""
    ways: tuple[Way, ...]
    for_each: tuple[PlayForEach, ...] = ()
    """The plays that run for each of some contacts."""


def overview(playbook: Playbook) -> Overview:
    """The stages of a playbook, the ways between them with their conditions in words, and the ends."""
    return Overview(
        playbook=playbook.playbook, summary=playbook.summary, stages=tuple(map(_stage, playbook.stages)),
        plays=tuple(play.name for play in playbook.plays), ways=tuple(_ways(playbook)),
        for_each=tuple(_for_each(playbook)),
    )  # fmt: skip


def _for_each(playbook: Playbook) -> Iterator[PlayForEach]:
    for home, play in playbook.everything():
        if play.for_each is not None:
            stage = home.name if home else None
            yield PlayForEach(play=play.name, stage=stage, contacts=play.for_each.contact.words())


def _stage(stage: Stage) -> StageOverview:
    gate = stage.gate
    held = gate is not None and gate.hard
    return StageOverview(
        name=stage.name, owner=stage.owner, won=stage.marks == "won",
        needs={words: condition.words() for words, condition in gate.require.items()} if gate else {},
        held=held, passes=_passes(gate) if gate and held else (), plays=tuple(play.name for play in stage.plays),
    )  # fmt: skip


def _passes(gate: Gate) -> tuple[str, ...]:
    if gate.jumps == "counted":
        return ("whatever takes it ahead",)
    return tuple(_said((key,)) for key in gate.counted)


def _ways(playbook: Playbook) -> Iterator[Way]:
    every = tuple(stage.name for stage in playbook.stages)
    for number, stage in enumerate(playbook.stages):
        if stage.leave_when is not None and (following := playbook.after(stage)) is not None:
            yield Way(by="leave_when", sources=(stage.name,), stage=following, when=stage.leave_when.words())
        if stage.enter_when and number:
            yield Way(by="enter_when", sources=every[:number], stage=stage.name, when=_said(stage.enter_when))
    for home, play in playbook.everything():
        yield from _ways_by(play, every if home is None else (home.name,))
    if playbook.renews_on:
        yield Way(by="renews_on", sources=every, when=_said(playbook.renews_on))
    for end in playbook.ends:
        yield Way(by="ends", sources=every, outcome=end.outcome, when=_said(end.when))


def _ways_by(play: Play, sources: tuple[str, ...]) -> Iterator[Way]:
    for step in play.actions:
        match step:
            case EnterStep():
                yield Way(by="play", sources=sources, stage=step.enter, when=_due(play, step), play=play.name)
            case CloseStep():
                yield Way(by="play", sources=sources, outcome=step.close, when=_due(play, step), play=play.name)


def _due(play: Play, step: Step) -> str:
    """When a step of a play comes, in words: what starts the play, and what must be so."""
    parts = [_begun_by(play)]
    if play.if_ is not None:
        parts.append(f"if {play.if_.words()}")
    number = next(place for place, each in enumerate(play.actions) if each is step)
    instead = play.branches.before(number)
    ahead = [at for at in range(number) if at not in instead and play.branches.is_taken(at, instead)]
    if play.steps and ahead:
        parts.append(f"after {len(ahead)} step{'s' if len(ahead) > 1 else ''}")
    denied = (play.actions[owner].if_ for owner in instead)
    parts += [f"if {opposite(condition).words()}" for condition in denied if condition is not None]
    if step.after is not None:
        parts.append(f"then {step.after}" if play.steps else f"{step.after} later")
    if step.at is not None:
        parts.append(_dated(step.at))
    if step.if_ is not None:
        parts.append(f"if {step.if_.words()}")
    return ", ".join(parts)


def _begun_by(play: Play) -> str:
    match play.on:
        case Dated():
            return _dated(play.on)
        case HappenedTimes():
            return play.on.words()
        case keys:
            return _said(keys)


def _dated(date: Dated) -> str:
    side = "before" if date.before else "after"
    opening = ", at opening" if date.at else ""
    return f"{date.by} {side} {date.anchor}{opening}"


def _said(keys: tuple[str, ...]) -> str:
    return HasHappened(keys).words()
