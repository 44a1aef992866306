"""Compares the course of a deal as it is with the course under another playbook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from dealwright.decision import Received
from dealwright.effects import Message
from dealwright.entries import ApprovalRequested, HandoffBegun, PlayEnded, PlayStarted, TaskOpened
from dealwright.identity import play_of
from dealwright.impact.change import Change, Impact, Kind
from dealwright.impact.course import Course, course
from dealwright.playbook.language.model import Playbook
from dealwright.rules.decision_context import Offers
from dealwright.state import DealState

AHEAD = timedelta(days=30)
"""How far ahead is looked, where nobody says how far."""


class Wanted(NamedTuple):
    """The playbook that deals would adopt."""

    bundle: str
    playbook: Playbook

    @property
    def offers(self) -> Offers:
        """As ``decide`` takes what a deal may adopt."""
        return {self.playbook.playbook: (self.bundle, self.playbook)}


class _Coming(NamedTuple):
    """Something that reaches people, and when it comes."""

    kind: Kind
    name: str
    whom: str
    """A message: the contact. Else empty."""
    play: str | None


def impact_on(
    deal_id: str, state: DealState, playbook: Playbook, wanted: Wanted, now: datetime, ahead: timedelta = AHEAD
) -> Impact:
    """What adopting would change for a deal in this state that follows ``playbook``, until so far ahead of now.

    Both courses are decided by the deal's own rules; nothing is recorded, and the state is not touched.
    """
    told = {"deal_id": deal_id, "stage": state.stage, "bundle": state.bundle}
    if state.finished or state.deal is None:
        return Impact(**told, cannot="The deal's life is over, or has not begun.")
    until = now + ahead
    order = _order(wanted, now)
    other = course(state, playbook, now, until, [order], wanted.offers)
    verdict = other.first.verdicts[order.id or ""]
    if not verdict.accepted:
        return Impact(**told, cannot=verdict.text, verdict=verdict.text)
    as_it_is = course(state, playbook, now, until)
    changes = (*_stages(as_it_is, other), *_plays(as_it_is, other), *_reaching_people(as_it_is, other))
    return Impact(**told, verdict=verdict.text, changes=changes)


def _order(wanted: Wanted, now: datetime) -> Received:
    payload = f'{{"by": "impact", "why": "a dry run", "playbook": "{wanted.playbook.playbook}"}}'
    return Received(kind="command", name="adopt_playbook", id="impact", at=now, payload=payload)


def _stages(as_it_is: Course, other: Course) -> Iterator[Change]:
    if other.at_once.stage != as_it_is.at_once.stage and other.at_once.stage is not None:
        yield Change(kind="stage", what="entered", name=other.at_once.stage)


def _plays(as_it_is: Course, other: Course) -> Iterator[Change]:
    gone_anyway = {entry.run for entry in as_it_is.first.entries if isinstance(entry, PlayEnded)}
    for entry in other.first.entries:
        if isinstance(entry, PlayEnded) and entry.how == "stopped" and entry.run not in gone_anyway:
            yield Change(kind="play", what="stopped", name=entry.play, why=entry.why)
    before, after = _begins(as_it_is), _begins(other)
    for play in dict.fromkeys((*before, *after)):
        was, now = before.get(play, []), after.get(play, [])
        for at in now[len(was) :]:
            yield Change(kind="play", what="begun", name=play, after=at)
        for at in was[len(now) :]:
            yield Change(kind="play", what="not_begun", name=play, before=at)
        for old, new in zip(was, now, strict=False):
            if old != new:
                yield Change(kind="play", what="moved", name=play, before=old, after=new)


def _begins(one: Course) -> Mapping[str, list[datetime]]:
    found = defaultdict[str, list[datetime]](list)
    for entry in one.entries:
        if isinstance(entry, PlayStarted):
            found[entry.play].append(entry.at)
    return found


def _reaching_people(as_it_is: Course, other: Course) -> Iterator[Change]:
    """Messages, tasks, approvals and handoffs: the first of a kind and name in one course is the first in the other."""
    before, after = _coming(as_it_is), _coming(other)
    for each in dict.fromkeys((*before, *after)):
        was, now = before.get(each, []), after.get(each, [])
        told = {"kind": each.kind, "name": each.name, "play": each.play}
        yield from (Change(**told, what="added", after=at) for at in now[len(was) :])
        yield from (Change(**told, what="dropped", before=at) for at in was[len(now) :])
        pairs = zip(was, now, strict=False)
        yield from (Change(**told, what="moved", before=old, after=new) for old, new in pairs if old != new)


def _coming(one: Course) -> Mapping[_Coming, list[datetime]]:
    found = defaultdict[_Coming, list[datetime]](list)
    for effect in one.effects:
        if isinstance(effect, Message):
            found[_Coming("touch", effect.template, effect.to.id, _play(effect.run))].append(effect.at)
    for entry in one.entries:
        match entry:
            case TaskOpened():
                found[_Coming("task", entry.name, "", _play(entry.run))].append(entry.at)
            case ApprovalRequested():
                found[_Coming("approval", entry.name, "", _play(entry.run))].append(entry.at)
            case HandoffBegun():
                found[_Coming("handoff", entry.name, "", _play(entry.run))].append(entry.at)
    return found


def _play(run: str | None) -> str | None:
    return play_of(run) if run else None
