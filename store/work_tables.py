"""The tables that are worked out from the journal: open work, and deals in a few words. Times are the deals' own."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table

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

deal_summaries = Table(
    "deal_summaries",
    METADATA,
    Column("deal_id", CleanText, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("summary", JsonDocument, nullable=False),
)
"""What lists say of a deal. ``last`` and ``lines`` are the journal's newest line of it, and how many it had by then."""
