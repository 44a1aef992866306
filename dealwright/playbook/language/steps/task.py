"""``task: <name>``: a person is asked to do something."""

from __future__ import annotations

from typing import ClassVar

from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.work import WorkStep


class TaskStep(WorkStep):
    """Ask a person to do something."""

    action: ClassVar[str] = "task"

    task: Word
    """Ask a person to do this; task_done waits for it by this name."""
