"""How a deal may end, and the facts that end it, as a playbook writes them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from dealwright.calendar.durations import Span
from dealwright.playbook.language.triggers import Triggers
from dealwright.values.recorded import Given

Ending: TypeAlias = Literal["lost", "unresponsive", "churned", "disqualified", "completed"]
"""The outcome of a deal that is closed."""


class End(Given):
    """A fact that ends the deal."""

    when: Triggers
    """The facts that end it."""
    outcome: Ending = Field(alias="as")
    """The deal's outcome."""
    ask_first: Span | None = None
    """How long the deal is held, while whoever has it is asked for what the reason lacks. Without it, the deal ends at
    once, and they are asked afterwards."""
