"""How a deal may end, and the facts that end it, as a playbook writes them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

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
