"""What a play's ``until`` should hear of: how the thing that its messages are about may end."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, warning
from dealwright.facts import FACTS, AboutThing, OptedOut, ReplyReceived
from dealwright.playbook.checks.reachability import covers, takes_away
from dealwright.playbook.checks.traversal import PlayAt, plays_in
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.steps.message import MessageStep

_ANSWER = ReplyReceived.name


def endings_missed(playbook: Playbook) -> Iterator[Diagnostic]:
    """Plays that stop themselves, and plays that write on although what they write about is over."""
    for at in plays_in(playbook):
        yield from _stops_itself(at)
        yield from _writes_on(playbook, at)
        yield from _does_not_listen(playbook, at)


def _stops_itself(at: PlayAt) -> Iterator[Diagnostic]:
    until = frozenset(at.play.until)
    for key in at.keys:
        of_stage = at.stage is not None and key == "entered" and f"entered:{at.stage.name}" in until
        if covers(until, key) or of_stage:
            problem = "what starts this play also stops it"
            yield warning((*at.place, "until"), problem, f"take {key.partition(':')[0]} out of until")


def _writes_on(playbook: Playbook, at: PlayAt) -> Iterator[Diagnostic]:
    dates = [dated for step in at.play.actions if step.is_touch and (dated := step.at or at.play.dated)]
    heard = _heard(playbook, at)
    missed: dict[str, list[str]] = {}
    for dated in dates:
        for group in _ends_of(dated):
            if not any(covers(heard, fact) for fact in group):
                missed.setdefault(dated.anchor, []).append(group[0])
    for anchor, facts in missed.items():
        ends = tuple(dict.fromkeys(facts))
        problem = f"it writes about {anchor!r} also after {' or '.join(ends)}"
        yield warning((*at.place, "until"), problem, f"add {', '.join(ends)} to until")


def _ends_of(dated: Dated) -> Iterator[tuple[str, ...]]:
    """The facts of which one of each group ends what a message reckoned from a date is about."""
    thing = dated.anchor.partition(".")[0]
    about = [fact for fact in FACTS.values() if issubclass(fact, AboutThing) and fact.thing == thing]
    well = tuple(fact.name for fact in about if fact.turn == "goes_well")
    if well and (
        dated.before or not dated.anchor.endswith(".starts_at")
    ):  # after a meeting that was held, one may write
        yield well
    for fact in about:
        if fact.turn == "goes_badly":
            yield (fact.name,)
    if dated.before:
        yield from ((name,) for name, fact in FACTS.items() if fact.follows == dated.anchor)


def _does_not_listen(playbook: Playbook, at: PlayAt) -> Iterator[Diagnostic]:
    marketing = [step for step in at.play.actions if isinstance(step, MessageStep) and step.is_marketing]
    if len(marketing) <= 1:
        return
    place = (*at.place, "until")
    if not any(key.partition(":")[0] == _ANSWER for key in at.play.until):
        yield warning(place, "it goes on writing although somebody answered", f"add {_ANSWER} to until")
    elif unheard := [answer for answer in ReplyReceived.variants() if _is_unheard(playbook, at, answer)]:
        problem = f"it goes on writing although somebody answered {' or '.join(unheard)}"
        yield warning(place, problem, f"add {', '.join(unheard)} to {_ANSWER} in until")


def _is_unheard(playbook: Playbook, at: PlayAt, answer: str) -> bool:
    """Whether a play goes on after an answer: one of which nothing speaks is heard as another one as well."""
    key = f"{_ANSWER}:{answer}"
    if covers(frozenset((*at.play.until, *at.keys)), key) or not ReplyReceived.is_written_by_them(answer):
        return False
    if answer == "unsubscribe" and OptedOut.name in at.play.until:
        return False
    return playbook.speaks_of(key) or answer not in ReplyReceived.else_heard_as


def _heard(playbook: Playbook, at: PlayAt) -> frozenset[str]:
    """What stops a play: its own until, the end of the deal, and what takes the deal out of the play's stage."""
    ends = frozenset(key for end in playbook.ends for key in end.when)
    away = takes_away(playbook, at.stage) if at.stage is not None else frozenset()
    return frozenset(at.play.until) | ends | away
