"""``close: <outcome>``: the deal ends."""

from __future__ import annotations

from typing import ClassVar

from dealwright.playbook.language.endings import Ending
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Step
from dealwright.values.recorded import Text


class CloseStep(Step):
    """End the deal."""

    action: ClassVar[str] = "close"

    close: Ending
    """End the deal with this outcome."""
    reason: Text | None = None
    """Why."""
    reason_code: Word | None = None
    """Which of the playbook's reasons it is; without it, the one that a fact gave, else somebody is asked."""
