"""The tables. The migrations make them; a test keeps both the same.

Columns ``at``, ``since`` and those of windows hold the deal's time, which may be far from the wall clock. That one is
in ``claimed_at``, ``received_at``, ``published_at``, ``dispatched_at``, ``removed_at`` and ``not_before``.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, UniqueConstraint

from store import contact_tables, people_tables, pool_tables, tool_tables
from store.access_tables import api_keys, audit
from store.columns import CleanText, JsonDocument, Serial, UtcDateTime
from store.event_tables import event_deliveries, event_feed, event_feed_head, subscriptions
from store.metadata import METADATA
from store.playbook_tables import adopting_deals, adoptions, bundles, playbook_names, publications
from store.work_tables import open_work

__all__ = [
    "METADATA",
    "adopting_deals",
    "adoptions",
    "api_keys",
    "audit",
    "bundles",
    "contact_tables",
    "event_deliveries",
    "event_feed",
    "event_feed_head",
    "open_work",
    "people_tables",
    "playbook_names",
    "pool_tables",
    "publications",
    "subscriptions",
    "tool_tables",
]  # fmt: skip


journal = Table(
    "journal",
    METADATA,
    Column("seq", Serial, primary_key=True),
    Column("deal_id", CleanText, nullable=False),
    Column("number", Integer, nullable=False),
    Column("run", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("sentence", CleanText, nullable=False),
    Column("entry", JsonDocument, nullable=False),
    UniqueConstraint("deal_id", "number"),
    sqlite_autoincrement=True,
)
"""Every deal's story; ``seq`` is the order of writing, for whoever watches, ``run`` the workflow run that wrote it."""

set_aside = Table(
    "set_aside",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("deal_id", CleanText, nullable=False),
    Column("number", Integer, nullable=False),
    Column("run", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("sentence", CleanText, nullable=False),
    Column("entry", JsonDocument, nullable=False),
    Index(None, "deal_id"),
)
"""Lines of the journal that no longer hold, because the deal was reset to before them."""

refusals = Table(
    "refusals",
    METADATA,
    Column("deal_id", CleanText, primary_key=True),
    Column("at", UtcDateTime, primary_key=True),
    Column("error", CleanText, nullable=False),
)
"""Openings that were refused. They are no part of a deal's story: the id may have lived, or may live later."""

ledger = Table(
    "ledger",
    METADATA,
    Column("effect_id", CleanText, primary_key=True),
    Column("deal_id", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("token", CleanText),
    Column("at", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("hand_overs", Integer, nullable=False),
    Column("unwanted", Boolean, nullable=False),
    Column("contact", CleanText),
    Column("recipient", CleanText),
    Column("last_error", CleanText),
    Column("result", JsonDocument),
    Index(None, "deal_id"),
)
"""One row an effect. ``recipient`` is the address of a message in its normal form, ``contact`` the contact's id."""

reservations = Table(
    "reservations",
    METADATA,
    Column("effect_id", CleanText, primary_key=True),
    Column("scope", CleanText, primary_key=True),
    Column("key", CleanText, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "scope", "key", "at"),
)
"""Touches that count against a cap, from before they are handed over."""

suppression = Table(
    "suppression",
    METADATA,
    Column("address", CleanText, primary_key=True),
    Column("reason", CleanText, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("deal_id", CleanText),
)
"""Addresses, in their normal form, that get no marketing from any deal: they opted out, or bounced."""

undeliverable = Table(
    "undeliverable",
    METADATA,
    Column("address", CleanText, primary_key=True),
    Column("reason", CleanText, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("deal_id", CleanText),
)
"""Those of them that bounced: they get no mail at all."""

suppression_removals = Table(
    "suppression_removals",
    METADATA,
    Column("id", Serial, primary_key=True),
    Column("address", CleanText, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("deal_id", CleanText),
    Column("bounced", Boolean, nullable=False),
    Column("removed_at", UtcDateTime, nullable=False),
    Column("by", CleanText, nullable=False),
    Column("why", CleanText, nullable=False),
)
"""Addresses that somebody took off these lists, with what had put them there."""

away = Table(
    "away",
    METADATA,
    Column("address", CleanText, primary_key=True),
    Column("until", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Column("deal_id", CleanText, nullable=False),
)
"""Until when whoever has an address (in its normal form) is away, and when they said so, to which deal."""

tasks = Table(
    "tasks",
    METADATA,
    Column("task", CleanText, primary_key=True),
    Column("deal_id", CleanText, nullable=False),
    Column("role", CleanText),
    Column("owner", CleanText),
    Column("title", CleanText),
    Column("detail", CleanText),
    Column("opened_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("how", CleanText),
    Column("reason", CleanText),
    Index(None, "deal_id"),
    Index(None, "closed_at", "role"),
)
"""What people are asked to do. A row without a title is a task that was closed before it was opened."""

notes = Table(
    "notes",
    METADATA,
    Column("effect_id", CleanText, primary_key=True),
    Column("deal_id", CleanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("text", CleanText, nullable=False),
    Index(None, "deal_id"),
)

deal_records = Table(
    "deal_records",
    METADATA,
    Column("deal_id", CleanText, primary_key=True),
    Column("stage", CleanText, nullable=False),
    Column("outcome", CleanText),
    Column("amount", CleanText),
    Column("currency", CleanText),
    Column("at", UtcDateTime, nullable=False),
)
"""The embedded CRM's record of a deal; ``amount`` is a decimal number."""

notices = Table(
    "notices",
    METADATA,
    Column("effect_id", CleanText, primary_key=True),
    Column("deal_id", CleanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("role", CleanText, nullable=False),
    Column("owner", CleanText),
    Column("text", CleanText, nullable=False),
    Index(None, "deal_id"),
)
"""What roles were told, where no chat is connected."""

requests = Table(
    "requests",
    METADATA,
    Column("effect_id", CleanText, primary_key=True),
    Column("deal_id", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("id", CleanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("role", CleanText, nullable=False),
    Column("person", CleanText),
    Column("answer_by", UtcDateTime, nullable=False),
    Column("content", JsonDocument, nullable=False),
    Index(None, "deal_id"),
)
"""Handoff packages and approval requests, as their receivers got them."""

installation = Table(
    "installation",
    METADATA,
    Column("name", CleanText, primary_key=True),
    Column("value", CleanText, nullable=False),
)
"""What all processes of an installation share and nobody needs to set: the key of unsubscribe links."""

finished_deals = Table(
    "finished_deals",
    METADATA,
    Column("deal_id", CleanText, primary_key=True),
    Column("outcome", CleanText, nullable=False),
    Column("closed_at", UtcDateTime, nullable=False),
)
"""Deals whose life is over: their ids are never opened again."""

intake = Table(
    "intake",
    METADATA,
    Column("id", Serial, primary_key=True),
    Column("source", CleanText, nullable=False),
    Column("event_id", CleanText, nullable=False),
    Column("deal_ref", CleanText),
    Column("fact", CleanText, nullable=False),
    Column("payload", JsonDocument, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("last_error", CleanText),
    Column("dispatched_at", UtcDateTime),
    Column("contacts", CleanText),
    Column("given_id", CleanText, index=True),
    UniqueConstraint("source", "event_id"),
    Index(None, "state", "not_before"),
)
"""What other tools reported, kept before it is passed on. ``given_id``: see ``store.intake_rows.given_id``."""

crm_links = Table(
    "crm_links",
    METADATA,
    Column("source", CleanText, primary_key=True),
    Column("object_id", CleanText, primary_key=True),
    Column("deal_id", CleanText, nullable=False),
)
"""Which deal an object of another tool belongs to."""

mail_messages = Table(
    "mail_messages",
    METADATA,
    Column("message_id", CleanText, primary_key=True),
    Column("deal_id", CleanText, nullable=False),
    Column("effect_id", CleanText, nullable=False),
    Column("touch", CleanText),
    Column("sender", CleanText),
    Column("recipient", CleanText),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "touch"),
    Index(None, "effect_id"),
    Index(None, "deal_id"),
    Index(None, "recipient", "at"),
)
"""Messages of deals, ours and others', by which answers and reports find their deal. ``touch`` is set for ours."""
