"""The table of what people are asked and have not answered. Times are the deals' own."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from store.columns import CleanText, JsonDocument, UtcDateTime
from store.metadata import METADATA

open_work = Table(
    "open_work",
    METADATA,
    Column("deal_id", CleanText, primary_key=True),
    Column("kind", CleanText, primary_key=True),
    Column("id", CleanText, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("title", CleanText, nullable=False),
    Column("role", CleanText, nullable=False),
    Column("person", CleanText, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("content", JsonDocument, nullable=False),
    Index(None, "person", "due_at"),
)
"""Open tasks, approvals and handoffs of all deals, as their journals have them. ``person`` is an address in its normal
form, or else a name; empty for nobody."""
