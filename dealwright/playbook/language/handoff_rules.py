"""Handoffs as a playbook writes them: who gives, who receives, what must be passed on, and within what time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dealwright.calendar.durations import Span
from dealwright.playbook.language.fields import Word
from dealwright.values.recorded import Given

FALLS_BACK_AFTER = 3
"""How many deadlines a handoff may miss, where the playbook does not say."""


class HandoffRule(Given):
    """How a deal passes from one owner to the next."""

    name: Word
    """The handoff's name."""
    from_: Word = Field(alias="from")
    """The role that gives."""
    to: Word
    """The role that receives."""
    needs: tuple[Word, ...] = ()
    """The pieces that must be passed on, as they are named in the deal's notes."""
    ask_within: Span = Span.parse("1bd")
    """How long the giver has to supply missing pieces."""
    accept_within: Span = Span.parse("8bh")
    """How long the receiver has to accept, in their own business hours when written in ``bh``."""
    escalate: Word | None = None
    """The role that is told when it is not accepted in time, and to which the deal falls in the end."""
    falls_back_after: Annotated[int, Field(ge=1, le=20)] = FALLS_BACK_AFTER
    """How many deadlines may go by before the deal falls to ``escalate``, so that it does not wait for ever."""
