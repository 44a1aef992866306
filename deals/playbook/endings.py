"""What a play's ``until`` should hear of: how the thing that its messages are about may end."""

from __future__ import annotations

from collections.abc import Iterator

from deals.facts import FACTS
from deals.playbook.mistakes import Finding
from deals.playbook.model import Playbook
from deals.playbook.outline import PlayAt, plays_in
from deals.playbook.parts import Dated
from deals.playbook.ways import covers, takes_away

_HELD = {
    "meeting.starts_at": ("meeting_held", "discovery_held"),
    "demo.starts_at": ("demo_held",),
    "contract.ends_on": ("contract_renewed",),
}
"""What is written before one of these dates is over with any of these facts."""
_OFF: dict[str, tuple[str, ...]] = {
    "meeting.starts_at": ("meeting_missed", "meeting_cancelled"),
    "demo.starts_at": ("demo_missed", "demo_cancelled"),
    "proposal.sent_at": ("proposal_accepted", "proposal_declined"),
    "proposal.opened_at": ("proposal_accepted", "proposal_declined"),
    "contract.starts_on": ("contract_cancelled",),
    "contract.ends_on": ("contract_cancelled",),
}
"""What is written before or after one of these dates is no longer so after each of these facts."""
_ANSWER = "reply_received"


def endings_missed(playbook: Playbook) -> Iterator[Finding]:
    """Plays that stop themselves, and plays that write on although what they write about is over."""
    for at in plays_in(playbook):
        yield from _stops_itself(at)
        yield from _writes_on(playbook, at)
        yield from _does_not_listen(at)


def _stops_itself(at: PlayAt) -> Iterator[Finding]:
    until = frozenset(at.play.until)
    for key in at.keys:
        of_stage = at.stage is not None and key == "entered" and f"entered:{at.stage.name}" in until
        if covers(until, key) or of_stage:
            problem = "what starts this play also stops it"
            yield Finding("warning", (*at.place, "until"), problem, f"take {key.partition(':')[0]} out of until")


def _writes_on(playbook: Playbook, at: PlayAt) -> Iterator[Finding]:
    dates = [dated for step in at.play.actions if step.email and (dated := step.at or at.play.dated)]
    heard = _heard(playbook, at)
    missed: dict[str, list[str]] = {}
    for dated in dates:
        for group in _ends_of(dated):
            if not any(covers(heard, fact) for fact in group):
                missed.setdefault(dated.anchor, []).append(group[0])
    for anchor, facts in missed.items():
        ends = tuple(dict.fromkeys(facts))
        problem = f"it writes about {anchor!r} also after {' or '.join(ends)}"
        yield Finding("warning", (*at.place, "until"), problem, f"add {', '.join(ends)} to until")


def _ends_of(dated: Dated) -> Iterator[tuple[str, ...]]:
    """The facts of which one of each group ends what a message reckoned from a date is about."""
    groups: list[tuple[str, ...]] = [(fact,) for fact in _OFF.get(dated.anchor, ())]
    if dated.before and dated.anchor in _HELD:
        groups.insert(0, _HELD[dated.anchor])
    for group in groups:
        if known := tuple(fact for fact in group if fact in FACTS):
            yield known


def _does_not_listen(at: PlayAt) -> Iterator[Finding]:
    marketing = [step for step in at.play.actions if step.email and step.marketing]
    if len(marketing) > 1 and not any(key.partition(":")[0] == _ANSWER for key in at.play.until):
        problem = "it goes on writing although somebody answered"
        yield Finding("warning", (*at.place, "until"), problem, f"add {_ANSWER} to until")


def _heard(playbook: Playbook, at: PlayAt) -> frozenset[str]:
    """What stops a play: its own until, the end of the deal, and what takes the deal out of the play's stage."""
    ends = frozenset(key for end in playbook.ends for key in end.when)
    away = takes_away(playbook, at.stage) if at.stage is not None else frozenset()
    return frozenset(at.play.until) | ends | away
