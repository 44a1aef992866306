"""The tables of who may use the HTTP API, and of what was changed through it. All times are the wall clock's."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table

from store.columns import CleanText, JsonDocument, Serial, UtcDateTime
from store.metadata import METADATA

api_keys = Table(
    "api_keys",
    METADATA,
    Column("id", CleanText, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("name", CleanText, nullable=False),
    Column("scopes", JsonDocument, nullable=False),
    Column("acts_for", CleanText),
    Column("may_speak_for", JsonDocument, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", CleanText, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("revoked_by", CleanText),
)
"""Keys of the HTTP API. ``digest`` is the SHA-256 of a key; the key itself is kept nowhere."""

audit = Table(
    "audit",
    METADATA,
    Column("id", Serial, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("caller", CleanText, nullable=False),
    Column("key_id", CleanText),
    Column("by", CleanText),
    Column("address", CleanText),
    Column("operation", CleanText, nullable=False),
    Column("deal_id", CleanText),
    Column("target", CleanText),
    Column("idempotency_key", CleanText),
    Column("status", Integer),
    Column("result", CleanText, nullable=False),
    Index(None, "at"),
    Index(None, "deal_id"),
)
"""Every change that was asked for, and what became of it."""
