"""The state of an effect in the ledger."""

from __future__ import annotations

from store import ledger
from store.database import Store
from store.ledger import LedgerState
from tests.store.samples import email

EFFECT = email().id


async def state_of(store: Store, effect: str = EFFECT) -> LedgerState | None:
    """The effect's state; None when nobody claimed it."""
    row = await ledger.row(store, effect)
    return row.state if row else None
