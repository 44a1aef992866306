"""The tables of how people are told of their work, and of what they were told.

Times are the wall clock's, but for ``asked_at``, which is the deal's. ``person`` is an e-mail address in its normal
form.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, UniqueConstraint

from store.columns import CleanText, UtcDateTime
from store.metadata import METADATA

people_preferences = Table(
    "people_preferences",
    METADATA,
    Column("person", CleanText, primary_key=True),
    Column("channel", CleanText),
    Column("delivery", CleanText),
    Column("digest_at", CleanText),
    Column("timezone", CleanText),
    Column("holidays", CleanText),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", CleanText, nullable=False),
)
"""What people chose; empty where the installation's default holds."""

people_away = Table(
    "people_away",
    METADATA,
    Column("person", CleanText, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("said_by", CleanText, nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
)
"""Colleagues who are away, as somebody said."""

work_messages = Table(
    "work_messages",
    METADATA,
    Column("id", CleanText, primary_key=True),
    Column("person", CleanText, nullable=False),
    Column("digest_on", CleanText),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("channel", CleanText),
    Column("reason", CleanText),
    Column("settled_at", UtcDateTime),
    UniqueConstraint("person", "digest_on"),
    Index(None, "state", "planned_at"),
)
"""Messages to people about their work. ``digest_on`` is the person's own day: there is one digest a day."""

told_work = Table(
    "told_work",
    METADATA,
    Column("deal_id", CleanText, primary_key=True),
    Column("kind", CleanText, primary_key=True),
    Column("id", CleanText, primary_key=True),
    Column("person", CleanText, primary_key=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("message", CleanText, nullable=False),
    Index(None, "message"),
)
"""Which message tells a person of what they are asked: the one in ``work_messages``, or an effect's letter."""
