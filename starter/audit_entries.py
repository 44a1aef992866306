"""Entries of the audit trail for what is done at the command line."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from starter.printing import aside
from starter.store import opened_store

if TYPE_CHECKING:
    from store.database import Store

CALLER = "command-line"
"""The caller of what is done at the command line."""


@dataclass
class Asked:
    """A change that is asked of a deal here, as far as it has come."""

    result: Literal["done", "refused", "undecided", "failed"] = "failed"
    id: str | None = None
    """The fact's, or the command's."""
    opened_now: bool | None = None
    """Of an opening: whether it did, or found the deal open."""


def who_is_here() -> str:
    """Who is at the command line, as the machine knows them."""
    try:
        return f"{CALLER}:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as in some containers
        return CALLER


async def leave_entry(store: Store, operation: str, target: str, by: str) -> None:
    """Write down a change that was made here."""
    from store.audit import AuditEntry, write

    entry = AuditEntry(
        at=datetime.now(UTC), caller=CALLER, by=by, operation=operation, target=target, result="done"
    )  # fmt: skip
    await write(store, [entry])


@asynccontextmanager
async def audited(operation: str, deal_id: str, by: str | None = None) -> AsyncIterator[Asked]:
    """Ask something of a deal in this block, and leave an entry, whatever becomes of it.

    Deals are reached without the store. So where it is not at hand, the change is made, and the missing entry told.
    """
    asked = Asked()
    try:
        yield asked
    finally:
        await _leave(operation, deal_id, by, asked)


async def _leave(operation: str, deal_id: str, by: str | None, asked: Asked) -> None:
    from store.audit import AuditEntry, write
    from store.errors import StoreError

    here = who_is_here()
    entry = AuditEntry(
        at=datetime.now(UTC), caller=CALLER, by=by or here, address=here, operation=operation, deal_id=deal_id,
        idempotency_key=asked.id, result=asked.result,
        status=None if asked.opened_now is None else 201 if asked.opened_now else 200,
    )  # fmt: skip
    try:
        async with opened_store() as store:
            await write(store, [entry])
    except StoreError as error:
        aside.print(f"The audit trail has no entry of this: {error}", soft_wrap=True, markup=False)
