"""Reads an activity's request: its effect, checked to be of the kind that the activity handles."""

from __future__ import annotations

from typing import TypeVar

from temporalio.exceptions import ApplicationError

from dealwright.contract import EffectRequest
from dealwright.effect_base import EffectBase

_E = TypeVar("_E", bound=EffectBase)


def effect_of(request: EffectRequest, kind: type[_E]) -> _E:
    """The request's effect, as the kind that the activity does.

    Raises:
        ApplicationError: it is another kind: whoever started the activity mixed up its name.
    """
    if not isinstance(request.effect, kind):
        message = f"An effect of kind {request.effect.kind!r} was given to the activity for {kind.__name__}"
        raise ApplicationError(message, type="WrongEffect", non_retryable=True)
    return request.effect
