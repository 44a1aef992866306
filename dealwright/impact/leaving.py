"""What has left a deal because it adopted a playbook: as long as nothing has, it can go back as if it never had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dealwright.entries import EffectSettled, EffectStarted, Entry, PlayCarriedOver
from dealwright.identity import play_of
from dealwright.playbook.differences.compare import Bundle
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.step_matching import matched_steps
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.source.bundle import template_path

_CANNOT_BE_TAKEN_BACK = {"send_email", "send_sms", "notify", "hand_over", "request_approval"}
"""What somebody has read. Tasks are taken off their lists when a deal goes back, and records follow the deal."""
_NEVER_LEFT = {"withdrawn", "skipped", "failed"}


def left_because(since: Sequence[Entry], old: Bundle, new: Bundle) -> tuple[str, ...]:
    """What went out since a deal adopted ``new`` in place of ``old``, and would perhaps not have otherwise.

    ``since`` are all entries of its story after the one that says so. In doubt it is told: only what a play does that
    is the same in both, and a step that was planned before and is the same, would have gone out anyway.
    """
    kept = {entry.effect for entry in since if isinstance(entry, EffectSettled) and entry.status in _NEVER_LEFT}
    carried = {entry.run: entry for entry in since if isinstance(entry, PlayCarriedOver)}
    return tuple(
        entry.label
        for entry in _started(since)
        if entry.effect not in kept and not _would_have_anyway(entry, carried, old, new)
    )


def _started(since: Sequence[Entry]) -> Iterator[EffectStarted]:
    for entry in since:
        if isinstance(entry, EffectStarted) and not entry.again and entry.does in _CANNOT_BE_TAKEN_BACK:
            yield entry


def _would_have_anyway(entry: EffectStarted, carried: dict[str, PlayCarriedOver], old: Bundle, new: Bundle) -> bool:
    if entry.run is None:
        return True  # a delay that somebody is told of: no play of either says so
    before, after = old.playbook.play(play_of(entry.run)), new.playbook.play(play_of(entry.run))
    if before is None or after is None:
        return False
    if before == after:
        return all(_same_text(name, old, new) for name in _templates(after))
    over = carried.get(entry.run)
    if over is None or entry.step is None or all(step.index != entry.step for step in over.planned):
        return False
    theirs = {new_index: index for index, new_index in matched_steps(before, after).items()}
    step, mine = after.actions[entry.step], theirs.get(entry.step)
    same = mine is not None and before.actions[mine] == step
    return same and (not isinstance(step, MessageStep) or _same_text(step.template, old, new))


def _templates(play: Play) -> Iterator[str]:
    return (step.template for step in play.actions if isinstance(step, MessageStep))


def _same_text(template: str, old: Bundle, new: Bundle) -> bool:
    path = template_path(template)
    return old.files.get(path) == new.files.get(path)
