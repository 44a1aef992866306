"""The tables of playbooks: what was published, when, by whom."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from store.columns import CleanText, JsonDocument, Serial, UtcDateTime
from store.metadata import METADATA

bundles = Table(
    "bundles",
    METADATA,
    Column("hash", CleanText, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("files", JsonDocument, nullable=False),
)

playbook_names = Table(
    "playbook_names",
    METADATA,
    Column("name", CleanText, primary_key=True),
    Column("hash", CleanText, nullable=False),
)

publications = Table(
    "publications",
    METADATA,
    Column("id", Serial, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("hash", CleanText, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", CleanText),
    Index(None, "name"),
)
"""Each time that a playbook's name came to stand for another bundle, in order."""

adoptions = Table(
    "adoptions",
    METADATA,
    Column("run", CleanText, primary_key=True),
    Column("playbook", CleanText, nullable=False),
    Column("bundle", CleanText, nullable=False),
    Column("which", JsonDocument, nullable=False),
    Column("comes", CleanText, nullable=False),
    Column("by", CleanText, nullable=False),
    Column("why", CleanText, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
)
"""Runs in which many deals adopt a playbook; ``comes`` is when: ``now`` or ``next_stage``."""

adopting_deals = Table(
    "adopting_deals",
    METADATA,
    Column("run", CleanText, primary_key=True),
    Column("deal_id", CleanText, primary_key=True),
    Column("state", CleanText, nullable=False),
    Column("before", CleanText),
    Column("said", CleanText),
    Column("back", CleanText),
)
"""How far each deal of such a run has come; ``before`` is the bundle that it followed, ``back`` what became of that."""
