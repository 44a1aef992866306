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
