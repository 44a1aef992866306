"""Ports: one Protocol for each kind of outside system that activities call.

A client raises :class:`~integrations.kit.errors.NotHandedOver`, :class:`~integrations.kit.errors.Refused` or
:class:`~integrations.kit.errors.Unanswered` when a call does not succeed. ``repeatable`` says that the same call,
made again for the same effect, changes nothing: the system knows it by the effect's id.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from dealwright.effects import CloseTask, CreateTask, HandOver, Notify, RequestApproval, UpdateCrm
from integrations.mail.messages import MailMessage


class Mailer(Protocol):
    """Mail. It has no idempotency: a message that may have gone out is never sent again."""

    async def send(self, message: MailMessage, *, sender: str, recipient: str) -> None:
        """Hand a message to the mail server; it is handed over when this returns."""


class Chat(Protocol):
    """Where a team reads notices."""

    repeatable: bool

    async def tell(self, deal_id: str, effect: Notify) -> None:
        """Post a notice."""


class Crm(Protocol):
    """Where people see deals and what they have to do. Each call returns what the CRM names the thing, if it does."""

    repeatable: bool

    async def create_task(self, deal_id: str, effect: CreateTask) -> str | None:
        """Put a task on its owner's list."""

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> str | None:
        """Take a task off its owner's list; one that is closed already is left as it is."""

    async def update(self, deal_id: str, effect: UpdateCrm) -> str | None:
        """Bring the deal's record up to date."""

    async def keep_package(self, deal_id: str, effect: HandOver) -> str | None:
        """Keep a handoff package where its receiver finds it."""

    async def keep_approval_request(self, deal_id: str, effect: RequestApproval) -> str | None:
        """Keep an approval request where whom it asks finds it."""
