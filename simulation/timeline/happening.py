"""One thing that happened to a deal, in the playbook's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "opened",
    "fact",
    "refused",
    "command",
    "stage",
    "left",
    "held",
    "play",
    "stopped",
    "skipped",
    "email",
    "sms",
    "task",
    "task_closed",
    "notify",
    "webhook",
    "subscription",
    "enrol",
    "document",
    "approval",
    "approval_answered",
    "handoff",
    "handoff_offered",
    "handoff_answered",
    "overdue",
    "stalled",
    "score",
    "level",
    "attention",
    "settled",
    "paused",
    "owner",
    "term",
    "closed",
    "reopened",
]
"""What it is. ``settled`` is what became of an effect, ``subscription`` what the billing tool is asked to do. What is
named like a step is what steps of a play do, when they are done."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a deal."""

    at: datetime
    number: int
    """The number of the entry that tells of it: what happened at one moment has an order, too."""
    kind: Kind
    name: str
    """The template, task, approval, handoff, stage, play, fact or command; of a notice the role, of an end the outcome,
    of attention the point."""
    keys: tuple[str, ...] = ()
    """The facts and events that it is, as triggers name them: ``reply_received``, ``reply_received:interested``."""
    to: str | None = None
    """Whom it is for: a contact's id, or a role."""
    text: str = ""
    """What there is to say beyond this, for people."""
    play: str | None = None
    step: int | None = None
    """The place of the step among its play's, from 0."""
    about: str | None = None
    """The meeting, demo, proposal or term that its play is about: ``demo/<id>``."""
    contact: str | None = None
    """The contact whom its play runs for, where the play runs for each."""
    marketing: bool = False
    asks: tuple[str, ...] = ()
    """Of an approval, who is asked, in order."""
    due_at: datetime | None = None
    again: bool = False
    """The same message or task once more: nothing had been handed over before."""
