"""Why deals end, as a playbook lists it: for each outcome some words, and what must be known besides."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.endings import Ending
from dealwright.playbook.language.fields import Word
from dealwright.values.recorded import Given

Need: TypeAlias = Literal["competitor", "back_on"]
_EXAMPLE = "write a list, such as [price, competitor: {needs: competitor}, not_now: {needs: back_on}]"


def _as_list(written: object) -> object:
    return [written] if isinstance(written, str) else written


class Reason(Given):
    """One reason for an outcome."""

    needs: Annotated[
        tuple[Need, ...],
        BeforeValidator(_as_list, json_schema_input_type=Need | Annotated[list[Need], Field(min_length=1)]),
    ] = ()
    """What must be known besides: which competitor the buyer chose, on which day to come back."""


def _read_reasons(written: object) -> object:
    """Read a list of words, each perhaps with what it needs, or the same as a mapping.

    Raises:
        BadValue: what is wrong, and what to write instead.
    """
    if isinstance(written, list):
        pairs = [pair for each in written for pair in (each.items() if isinstance(each, dict) else ((each, None),))]
    else:
        pairs = list(written.items()) if isinstance(written, dict) else []
    if not pairs:
        raise BadValue("there are no reasons here", _EXAMPLE)
    reasons: dict[str, object] = {}
    for word, reason in pairs:
        if not isinstance(word, str):
            raise BadValue(f"{word!r} is no reason", _EXAMPLE)
        if word in reasons:
            raise BadValue(f"{word!r} stands here twice", "keep one of them")
        reasons[word] = {} if reason is None else reason
    return reasons


Reasons = dict[
    Ending, Annotated[dict[Word, Reason], BeforeValidator(_read_reasons), Field(min_length=1, max_length=100)]
]
"""The reasons for each outcome that has a list of them."""
