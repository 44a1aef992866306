"""Happenings as people read them, each in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo

from dealwright.identity import about_whom, of_run
from simulation.timeline.happening import Happening

_HIDDEN = frozenset({"play", "left", "overdue"})
"""What other lines say as well: what a play does, the next stage, and the notice that something is overdue."""
_DEAL = (" (deal ", ", deal ")
"""How notices name the deal, which needs no name in its own timeline."""


def shown(happenings: Iterable[Happening]) -> Iterator[Happening]:
    """What people are shown: the rest is for programs, and a notice that says the same again would bury the others."""
    notices: set[str] = set()
    for one in happenings:
        if _is_shown(one) and one.text not in notices:
            yield one
        if one.kind == "notify":
            notices.add(one.text)


def _is_shown(one: Happening) -> bool:
    if one.kind == "settled":
        return one.text != "done"
    if one.kind == "command":
        return one.name != "move_to_stage"  # the stage's line says so
    if one.kind == "task_closed":
        return not one.text.startswith("cancelled")  # that its play stopped, or its stage was left, is shown
    return one.kind not in _HIDDEN


def moment(at: datetime, zone: tzinfo) -> str:
    """When it was, on the wall clock of that zone."""
    return f"{at.astimezone(zone):%a %d %b %Y %H:%M}"


def line(one: Happening, zone: tzinfo) -> str:
    """What happened, without its time."""
    if (say := _SAY.get(one.kind)) is not None:
        return say(one, zone)
    return f"{one.kind.replace('_', ' ')} {one.name}{_more(one)}"


def _fact(one: Happening, _: tzinfo) -> str:
    return one.name + (f": {one.text}" if one.text else "")


def _email(one: Happening, _: tzinfo) -> str:
    return f"email {one.name} to {one.text or one.to}"


def _sms(one: Happening, _: tzinfo) -> str:
    return f"text message {one.name} to {one.text or one.to}"


def _task(one: Happening, zone: tzinfo) -> str:
    due = f", due {moment(one.due_at, zone)}" if one.due_at else ""
    return f"task {one.name} for {one.to}{_whom(one)}{due}"


def _task_closed(one: Happening, _: tzinfo) -> str:
    return f"task {one.name}{_whom(one)} {one.text}"


def _notify(one: Happening, _: tzinfo) -> str:
    text = one.text
    for mark in _DEAL:
        text = text.rpartition(mark)[0] or text
    return f"notify {one.name}: {text}"


def _handoff(one: Happening, _: tzinfo) -> str:
    return f"handoff {one.name} to {one.to}{_more(one)}"


def _offered(one: Happening, zone: tzinfo) -> str:
    by = f", to be accepted by {moment(one.due_at, zone)}" if one.due_at else ""
    return f"handoff {one.name} offered to {one.to}{by}"


def _answered(one: Happening, _: tzinfo) -> str:
    return f"{one.kind.partition('_')[0]} {one.name}: {one.text}"


def _skipped(one: Happening, _: tzinfo) -> str:
    return f"skipped {one.name}: {one.text}"


def _stopped(one: Happening, _: tzinfo) -> str:
    return f"play {of_run(one.name, one.contact)} stopped: {one.text}"


def _refused(one: Happening, _: tzinfo) -> str:
    return f"refused {one.name}: {one.text}"


def _opened(one: Happening, _: tzinfo) -> str:
    return f"the deal is opened ({one.text or 'no source'})"


def _sentence(one: Happening, _: tzinfo) -> str:
    return one.text[:1].lower() + one.text[1:]


def _whom(one: Happening) -> str:
    """The contact whom it is about, where its play runs for each."""
    return about_whom("", one.contact)


def _more(one: Happening) -> str:
    return f" ({one.text})" if one.text else ""


_SAY: dict[str, Callable[[Happening, tzinfo], str]] = {
    "opened": _opened,
    "fact": _fact,
    "command": _fact,
    "refused": _refused,
    "email": _email,
    "sms": _sms,
    "task": _task,
    "task_closed": _task_closed,
    "notify": _notify,
    "handoff": _handoff,
    "handoff_offered": _offered,
    "handoff_answered": _answered,
    "approval_answered": _answered,
    "skipped": _skipped,
    "stopped": _stopped,
    "score": _sentence,
    "level": _sentence,
}
