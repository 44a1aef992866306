"""The tables of whom deals know on the buying side, and of how these people wish to be reached."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table

from store.columns import CleanText, UtcDateTime
from store.metadata import METADATA

deal_contacts = Table(
    "deal_contacts",
    METADATA,
    Column("deal_id", CleanText, primary_key=True),
    Column("address", CleanText, primary_key=True),
    Index(None, "address"),
)
"""The e-mail addresses and phone numbers of each deal's contacts, normal, as the deal's journal has them."""

channel_wishes = Table(
    "channel_wishes",
    METADATA,
    Column("channel", CleanText, primary_key=True),
    Column("address", CleanText, primary_key=True),
    Column("allowed", Boolean, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Column("deal_id", CleanText, nullable=False),
)
"""What the person of an address, in its normal form, said last of being reached by a channel, and in which deal."""
