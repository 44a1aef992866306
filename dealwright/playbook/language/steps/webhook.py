"""``webhook: <endpoint>``: one of the team's own systems is told about the deal."""

from __future__ import annotations

from typing import ClassVar

from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Step
from dealwright.values.recorded import Text


class WebhookStep(Step):
    """Tell one of the team's own systems about the deal."""

    action: ClassVar[str] = "webhook"

    webhook: Word
    """The endpoint, as the connections file calls it."""
    text: Text | None = None
    """What is told besides."""
