"""The tables of pools: who was chosen for which deal, and whose turn it is. Times are the deals' own.

``person`` and ``member`` are e-mail addresses in their normal form, or names of people without one.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, true

from store.columns import CleanText, UtcDateTime
from store.metadata import METADATA

assignments = Table(
    "assignments",
    METADATA,
    Column("deal_id", CleanText, primary_key=True),
    Column("role", CleanText, primary_key=True),
    Column("effect_id", CleanText, nullable=False),
    Column("playbook", CleanText, nullable=False),
    Column("pool", CleanText, nullable=False),
    Column("person", CleanText, nullable=False),
    Column("why", CleanText, nullable=False),
    Column("account", CleanText),
    Column("at", UtcDateTime, nullable=False),
    Column("told_by", Integer, nullable=False),
    Column("counts", Boolean, nullable=False, server_default=true()),
    Column("counted_by", Integer, nullable=False, server_default="0"),
    Index(None, "person"),
    Index(None, "account"),
)
"""Who of a pool has a role in a deal. ``told_by`` is the entry that gave the role to somebody else since, or 0.

``counts`` is whether the deal is among their open ones, as the entry ``counted_by`` says.
"""

pool_turns = Table(
    "pool_turns",
    METADATA,
    Column("playbook", CleanText, primary_key=True),
    Column("pool", CleanText, primary_key=True),
    Column("member", CleanText, primary_key=True),
    Column("credit", Integer, nullable=False),
)
"""How far ahead of their share, or behind it, each member of a pool is: who has the most is next."""
