"""The tables of what goes out: the feed of events, who subscribes to it, and what became of each delivery.

``at`` holds the deal's time, all other times are the wall clock's.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table

from store.columns import CleanText, JsonDocument, Serial, UtcDateTime
from store.metadata import METADATA

event_feed = Table(
    "event_feed",
    METADATA,
    Column("id", Serial, primary_key=True),
    Column("position", BigInteger),
    Column("deal_id", CleanText, nullable=False),
    Column("number", Integer, nullable=False),
    Column("run", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("sentence", CleanText, nullable=False),
    Column("entry", JsonDocument, nullable=False),
    Column("set_aside", Boolean, nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Index(None, "position", unique=True),
    Index(None, "deal_id", "position"),
)
"""What other services are told: one row for each line that the journal got, and for each that was set aside.

Triggers of the database write it, in the transaction that writes the line. ``position`` is the place in the feed; it
is given once the row is committed, and until then there is none.
"""

event_feed_head = Table(
    "event_feed_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("deleted_up_to", BigInteger, nullable=False),
)
"""One row: the last position that was given, and the last that was deleted. Whoever gives positions locks it."""

subscriptions = Table(
    "subscriptions",
    METADATA,
    Column("id", CleanText, primary_key=True),
    Column("url", CleanText, nullable=False),
    Column("kinds", JsonDocument, nullable=False),
    Column("deals", JsonDocument, nullable=False),
    Column("secret", CleanText, nullable=False),
    Column("former_secret", CleanText),
    Column("former_until", UtcDateTime),
    Column("read_up_to", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("disabled_why", CleanText),
)
"""Who gets events delivered. ``read_up_to``: the position up to which the feed was looked through for them."""

event_deliveries = Table(
    "event_deliveries",
    METADATA,
    Column("subscription", CleanText, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("deal_id", CleanText, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("claimed_by", CleanText),
    Column("claimed_until", UtcDateTime),
    Column("last_status", Integer),
    Column("last_error", CleanText),
    Column("delivered_at", UtcDateTime),
    Index(None, "subscription", "state", "deal_id", "position"),
)
"""One row for each event that a subscriber is to get, by the event's position."""
