"""``call``, ``social``, ``sms``, ``post``: a person reaches a contact by a channel. It is a task that has one."""

from __future__ import annotations

from typing import ClassVar, Literal

from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.work import WorkStep


class CallStep(WorkStep):
    """Ask a person to call a contact."""

    action: ClassVar[str] = "call"
    channel: ClassVar[str | None] = "call"

    call: Word
    """Ask a person to call a contact; task_done waits for it by this name."""


class SocialStep(WorkStep):
    """Ask a person to write to a contact in a social network."""

    action: ClassVar[str] = "social"
    said: ClassVar[str] = "social network"
    channel: ClassVar[str | None] = "social"

    social: Word
    """Ask a person to write to a contact in a social network; task_done waits for it by this name."""


class SmsStep(WorkStep):
    """Ask a person to send a contact a text message."""

    action: ClassVar[str] = "sms"
    said: ClassVar[str] = "text message"
    channel: ClassVar[str | None] = "sms"

    sms: Word
    """Ask a person to send a contact a text message; task_done waits for it by this name."""
    by: Literal["person", "machine"] = "person"
    """Who sends it: a person, or Dealwright itself, from the template of this name."""


class PostStep(WorkStep):
    """Ask a person to send a contact a letter or a gift."""

    action: ClassVar[str] = "post"
    said: ClassVar[str] = "letter or gift"
    channel: ClassVar[str | None] = "post"

    post: Word
    """Ask a person to send a contact a letter or a gift; task_done waits for it by this name."""
