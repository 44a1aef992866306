"""The tables of what is known of other tools: limits, our tokens, what they hold and ask, how far they were read.

All times are the wall clock's, but for ``mirrored_values.at``, which is the time that the tool or the deal gives.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, Table

from store.columns import CleanText, JsonDocument, UtcDateTime
from store.metadata import METADATA

request_budgets = Table(
    "request_budgets",
    METADATA,
    Column("name", CleanText, primary_key=True),
    Column("left", Float, nullable=False),
    Column("counted_at", UtcDateTime, nullable=False),
    Column("held_until", UtcDateTime),
)
"""How much a tool still takes of one credential, over all workers; nothing before ``held_until``."""

tool_tokens = Table(
    "tool_tokens",
    METADATA,
    Column("name", CleanText, primary_key=True),
    Column("seed", CleanText, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("access", CleanText),
    Column("refresh", CleanText),
    Column("base_url", CleanText),
    Column("obtained_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    Column("renewing", CleanText),
    Column("renewing_since", UtcDateTime),
    Column("refused", CleanText),
    Column("refused_at", UtcDateTime),
)
"""The access token of a credential. ``renewing`` is who asks for the next one; ``seed`` tells what a person set up."""

mirrored_values = Table(
    "mirrored_values",
    METADATA,
    Column("source", CleanText, primary_key=True),
    Column("object_id", CleanText, primary_key=True),
    Column("property", CleanText, primary_key=True),
    Column("value", CleanText),
    Column("at", UtcDateTime, nullable=False),
)
"""What an object of another tool is last known to hold, as JSON."""

feeds = Table(
    "feeds",
    METADATA,
    Column("source", CleanText, primary_key=True),
    Column("cursor", CleanText),
    Column("polled_at", UtcDateTime),
    Column("found_at", UtcDateTime),
    Column("heard_at", UtcDateTime),
    Column("told_at", UtcDateTime),
)
"""How far a source was read, when reading it last found what no webhook had brought, and when a webhook last came."""

asked_work = Table(
    "asked_work",
    METADATA,
    Column("id", CleanText, primary_key=True),
    Column("source", CleanText, nullable=False),
    Column("message_key", CleanText, nullable=False),
    Column("position", Integer, nullable=False),
    Column("opening", CleanText, nullable=False),
    Column("closing", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("link", CleanText),
    Column("deal_id", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("work_id", CleanText, nullable=False),
    Column("role", CleanText, nullable=False),
    Column("person", CleanText, nullable=False),
    Column("terms", JsonDocument, nullable=False),
    Column("message", CleanText),
    Column("outcome", CleanText),
    Column("shown", Boolean, nullable=False),
    Column("reading", CleanText),
    Index(None, "source", "message_key"),
    Index(None, "source", "shown"),
)
"""What somebody can answer in another tool's message: ``message`` is what the tool names it, once it is there;
``outcome`` what became of the question, in words; ``shown`` whether the message says so; ``reading`` what somebody
said that the reply means which the question is about."""
