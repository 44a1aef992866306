"""What runs around the installations, in this process: a buyer's answers lie in a mailbox, and services listen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from local.imap_server import ImapServer
from local.webhook_receiver import WebhookReceiver, webhook_receiver


@dataclass(frozen=True)
class Around:
    """Servers on this machine that are no simulators of a vendor's tool."""

    mailbox: ImapServer
    """Of a seller, for whoever reads it."""
    warehouse: WebhookReceiver
    """A system of the team's, which steps of a playbook tell of deals."""
    listener: WebhookReceiver
    """A service of the team's, which subscribes to events."""


@asynccontextmanager
async def running_around() -> AsyncIterator[Around]:
    """Let them run while the block does. Both services are away when they are called first."""
    async with ImapServer() as mailbox, webhook_receiver() as warehouse, webhook_receiver() as listener:
        warehouse.answers, listener.answers = [503], [503]
        yield Around(mailbox, warehouse, listener)
