"""What effects of a simulated deal come to: whom they choose (there are no other deals), and what tools answer."""

from __future__ import annotations

from datetime import datetime

from dealwright.effects import ChooseOwner, Effect, Outcome, SendDocument, StartSubscription


def as_planned(effect: Effect) -> Outcome:
    """An effect's outcome where nothing stands in its way."""
    if isinstance(effect, ChooseOwner) and effect.keeps is None:
        return _choice(effect)
    if isinstance(effect, StartSubscription):
        name = f"sub-{effect.contract or 1}"
        return Outcome(effect=effect.id, kind=effect.kind, status="done", reference=name)
    if isinstance(effect, SendDocument):
        named = f"{effect.document}-{effect.version}"
        return Outcome(effect=effect.id, kind=effect.kind, status="done", reference=named)
    reference = effect.keeps.key if isinstance(effect, ChooseOwner) and effect.keeps else None
    return Outcome(effect=effect.id, kind=effect.kind, status="done", reference=reference)


def _choice(effect: ChooseOwner) -> Outcome:
    fit = [one for one in effect.candidates if one.fits]
    others = [one for one in fit if effect.replaces is None or one.person.key != effect.replaces.key] or fit
    if not others:
        reason = f"nobody in {effect.pool} can take it"
        return Outcome(effect=effect.id, kind=effect.kind, status="skipped", reason=reason)
    first = min(others, key=lambda one: (_begins(one.at_work_from), -one.weight))
    return Outcome(effect=effect.id, kind=effect.kind, status="done", reference=first.person.key)


def _begins(at: datetime | None) -> float:
    return at.timestamp() if at is not None else 0.0
