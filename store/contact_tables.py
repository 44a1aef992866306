"""The table of whom deals know on the buying side."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from store.columns import CleanText
from store.metadata import METADATA

deal_contacts = Table(
    "deal_contacts",
    METADATA,
    Column("deal_id", CleanText, primary_key=True),
    Column("address", CleanText, primary_key=True),
    Index(None, "address"),
)
"""The e-mail addresses of each deal's contacts, in their normal form, as the deal's journal has them."""
