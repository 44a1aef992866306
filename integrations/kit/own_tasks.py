"""Which tasks on another tool's lists are deals' own, in tools that take no key of ours.

What a task says ends with a mark (``mark_of``), by which it is found after a call without an answer. Where to look for
it, and since when, is noted before the call. Whose a task is, is noted once it is there. Notes stand among the mirrored
values.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from integrations.kit.errors import NotHandedOver
from store import links, mirror
from store.database import Store
from store.errors import StoreAway
from store.mirror import Mirrored

KIND = "task"
"""Of the links that say which tasks may be open. Each goes once its task is resolved."""
_ALL = "tasks"


@dataclass(frozen=True)
class OwnTask:
    """A task that a deal asked for."""

    task: str
    """What the deal calls it."""
    deal: str
    closed: bool = False
    """Whether we have taken it off the list ourselves, or are about to."""
    since: datetime | None = None
    """When it was noted whose it is, by our clock."""


@dataclass(frozen=True)
class Asked:
    """A task that a tool was asked to make, or is about to be."""

    at: datetime
    """When that was noted, by our clock."""
    about: dict[str, JsonValue]
    """Where to look for it, in the tool's own ids."""
    became: str | None = None
    """The tool's id of it, once that is known."""


def mark_of(task: str) -> str:
    """What a task's text ends with: short, and without what people called the deal."""
    return f"dw:{hashlib.sha256(task.encode()).hexdigest()[:24]}"


class OwnTasks:
    """The tasks of one tool."""

    def __init__(self, store: Store, source: str) -> None:
        self._store, self._source = store, source

    async def ask(self, task: str, about: dict[str, JsonValue]) -> None:
        """Note where a task is to be looked for that the tool is about to be asked for.

        Raises:
            NotHandedOver: the database does not answer.
        """
        now = datetime.now(UTC)
        try:
            await mirror.note(self._store, self._source, _ALL, {"asked_for": True}, now)
            await mirror.note(self._store, self._source, _asked(task), {"about": about}, now)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    async def asked(self, task: str) -> Asked | None:
        """What a tool was asked for; None for what it never was.

        Raises:
            NotHandedOver: the database does not answer.
        """
        try:
            held = await mirror.known(self._store, self._source, _asked(task))
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        about = held.get("about")
        if about is None or not isinstance(about.value, dict):
            return None
        return Asked(about.at, about.value, _text(held.get("became")))

    async def arrived(self, id_: str, own: OwnTask) -> None:
        """Note whose a task is, and that it may be open.

        Raises:
            StoreAway: the database does not answer.
        """
        now = datetime.now(UTC)
        await mirror.note(self._store, self._source, f"{KIND}:{id_}", {"task": own.task, "deal": own.deal}, now)
        await links.link(self._store, self._source, f"{KIND}:{id_}", own.deal)
        await mirror.note(self._store, self._source, _asked(own.task), {"became": id_}, now)

    async def closing(self, id_: str) -> None:
        """Note that we are about to take a task off the list.

        Raises:
            NotHandedOver: the database does not answer.
        """
        try:
            await mirror.note(self._store, self._source, f"{KIND}:{id_}", {"closed": True}, datetime.now(UTC))
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    async def of(self, id_: str) -> OwnTask | None:
        """Whose a task is; None for what no deal asked for.

        Raises:
            StoreAway: the database does not answer.
        """
        known = await mirror.known(self._store, self._source, f"{KIND}:{id_}")
        task, deal = _text(known.get("task")), _text(known.get("deal"))
        return None if task is None or deal is None else OwnTask(task, deal, "closed" in known, known["task"].at)

    async def are_asked_for(self) -> bool:
        """Whether the tool was ever asked for a task: before that there is nothing to read.

        Raises:
            StoreAway: the database does not answer.
        """
        return bool(await mirror.known(self._store, self._source, _ALL))


def _asked(task: str) -> str:
    return f"asked:{mark_of(task)}"


def _text(one: Mirrored | None) -> str | None:
    return one.value if one is not None and isinstance(one.value, str) else None
