"""The tables, in the field's words. The migrations make them; a test keeps both the same.

Columns ``at``, ``since`` and those of windows hold the deal's time, which may be far from the wall clock;
``claimed_at``, ``received_at``, ``published_at``, ``dispatched_at``, ``removed_at`` and ``not_before`` hold the wall
clock's.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, UniqueConstraint

from store.columns import Document, Moment, Serial, Words

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


journal = Table(
    "journal",
    METADATA,
    Column("seq", Serial, primary_key=True),
    Column("deal_id", Words, nullable=False),
    Column("number", Integer, nullable=False),
    Column("run", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sentence", Words, nullable=False),
    Column("entry", Document, nullable=False),
    UniqueConstraint("deal_id", "number"),
)
"""Every deal's story; ``seq`` is the order of writing, for whoever watches, ``run`` the workflow run that wrote it."""

set_aside = Table(
    "set_aside",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("deal_id", Words, nullable=False),
    Column("number", Integer, nullable=False),
    Column("run", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sentence", Words, nullable=False),
    Column("entry", Document, nullable=False),
    Index(None, "deal_id"),
)
"""Lines of the journal that no longer hold, because the deal was reset to before them."""

refusals = Table(
    "refusals",
    METADATA,
    Column("deal_id", Words, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("error", Words, nullable=False),
)
"""Openings that were refused. They are no part of a deal's story: the id may have lived, or may live later."""

ledger = Table(
    "ledger",
    METADATA,
    Column("effect_id", Words, primary_key=True),
    Column("deal_id", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("token", Words),
    Column("at", Moment, nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("hand_overs", Integer, nullable=False),
    Column("unwanted", Boolean, nullable=False),
    Column("contact", Words),
    Column("recipient", Words),
    Column("last_error", Words),
    Column("result", Document),
    Index(None, "deal_id"),
)
"""One row an effect. ``recipient`` is the address of a message in its normal form, ``contact`` the contact's id."""

reservations = Table(
    "reservations",
    METADATA,
    Column("effect_id", Words, primary_key=True),
    Column("scope", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("at", Moment, nullable=False),
    Index(None, "scope", "key", "at"),
)
"""Touches that count against a cap, from before they are handed over."""

suppression = Table(
    "suppression",
    METADATA,
    Column("address", Words, primary_key=True),
    Column("reason", Words, nullable=False),
    Column("since", Moment, nullable=False),
    Column("deal_id", Words),
)
"""Addresses, in their normal form, that get no marketing from any deal: they opted out, or bounced."""

undeliverable = Table(
    "undeliverable",
    METADATA,
    Column("address", Words, primary_key=True),
    Column("reason", Words, nullable=False),
    Column("since", Moment, nullable=False),
    Column("deal_id", Words),
)
"""Those of them that bounced: they get no mail at all."""

suppression_removals = Table(
    "suppression_removals",
    METADATA,
    Column("id", Serial, primary_key=True),
    Column("address", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("since", Moment, nullable=False),
    Column("deal_id", Words),
    Column("bounced", Boolean, nullable=False),
    Column("removed_at", Moment, nullable=False),
    Column("by", Words, nullable=False),
    Column("why", Words, nullable=False),
)
"""Addresses that somebody took off these lists, with what had put them there."""

away = Table(
    "away",
    METADATA,
    Column("address", Words, primary_key=True),
    Column("until", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("deal_id", Words, nullable=False),
)
"""Until when whoever has an address (in its normal form) is away, and when they said so, to which deal."""

tasks = Table(
    "tasks",
    METADATA,
    Column("task", Words, primary_key=True),
    Column("deal_id", Words, nullable=False),
    Column("role", Words),
    Column("owner", Words),
    Column("title", Words),
    Column("detail", Words),
    Column("opened_at", Moment),
    Column("due_at", Moment),
    Column("closed_at", Moment),
    Column("how", Words),
    Column("reason", Words),
    Index(None, "deal_id"),
    Index(None, "closed_at", "role"),
)
"""What people are asked to do. A row without a title is a task that was closed before it was opened."""

notes = Table(
    "notes",
    METADATA,
    Column("effect_id", Words, primary_key=True),
    Column("deal_id", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("text", Words, nullable=False),
    Index(None, "deal_id"),
)

deal_records = Table(
    "deal_records",
    METADATA,
    Column("deal_id", Words, primary_key=True),
    Column("stage", Words, nullable=False),
    Column("outcome", Words),
    Column("amount", Words),
    Column("currency", Words),
    Column("at", Moment, nullable=False),
)
"""The embedded CRM's record of a deal; ``amount`` is a decimal number."""

notices = Table(
    "notices",
    METADATA,
    Column("effect_id", Words, primary_key=True),
    Column("deal_id", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("role", Words, nullable=False),
    Column("owner", Words),
    Column("text", Words, nullable=False),
    Index(None, "deal_id"),
)
"""What roles were told, where no chat is connected."""

requests = Table(
    "requests",
    METADATA,
    Column("effect_id", Words, primary_key=True),
    Column("deal_id", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("id", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("role", Words, nullable=False),
    Column("person", Words),
    Column("answer_by", Moment, nullable=False),
    Column("content", Document, nullable=False),
    Index(None, "deal_id"),
)
"""Handoff packages and approval requests, as their receivers got them."""

bundles = Table(
    "bundles",
    METADATA,
    Column("hash", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("files", Document, nullable=False),
)

playbook_names = Table(
    "playbook_names",
    METADATA,
    Column("name", Words, primary_key=True),
    Column("hash", Words, nullable=False),
)

installation = Table(
    "installation",
    METADATA,
    Column("name", Words, primary_key=True),
    Column("value", Words, nullable=False),
)
"""What all processes of an installation share and nobody needs to set: the key of unsubscribe links."""

finished_deals = Table(
    "finished_deals",
    METADATA,
    Column("deal_id", Words, primary_key=True),
    Column("outcome", Words, nullable=False),
    Column("closed_at", Moment, nullable=False),
)
"""Deals whose life is over: their ids are never opened again."""

intake = Table(
    "intake",
    METADATA,
    Column("id", Serial, primary_key=True),
    Column("source", Words, nullable=False),
    Column("event_id", Words, nullable=False),
    Column("deal_ref", Words),
    Column("fact", Words, nullable=False),
    Column("payload", Document, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("last_error", Words),
    Column("dispatched_at", Moment),
    UniqueConstraint("source", "event_id"),
    Index(None, "state", "not_before"),
)
"""What other tools reported, kept before it is passed on."""

crm_links = Table(
    "crm_links",
    METADATA,
    Column("source", Words, primary_key=True),
    Column("object_id", Words, primary_key=True),
    Column("deal_id", Words, nullable=False),
)
"""Which deal an object of another tool belongs to."""
