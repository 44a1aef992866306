"""Addresses in one normal form, and a list of those that bounced.

Stored addresses were only trimmed and lowered, caps' keys as they were written. Rows that become one are merged: of
suppressed addresses the earliest stays, and of touches that one effect counts twice, one.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import sqlalchemy as sa
from alembic import op

from dealwright.values.addresses import key_of, normal

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

suppression = sa.table(
    "suppression", sa.column("address"), sa.column("reason"), sa.column("deal_id"),
    sa.column("since", sa.DateTime(timezone=True)),
)  # fmt: skip
reservations = sa.table(
    "reservations", sa.column("effect_id"), sa.column("scope"), sa.column("key"),
    sa.column("at", sa.DateTime(timezone=True)),
)  # fmt: skip
ledger = sa.table("ledger", sa.column("effect_id"), sa.column("recipient"))
Form = TypeVar("Form")
_BOUNCED = "email bounced%"
"""How the reason of a bounce begins."""


def upgrade() -> None:
    undeliverable = op.create_table(
        "undeliverable",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deal_id", sa.Text()),
        sa.PrimaryKeyConstraint("address", name="pk_undeliverable"),
    )
    bind = op.get_bind()
    _copy_bounced(bind, undeliverable)
    _merge_suppressed(bind)
    _merge_touches(bind)
    _rename_recipients(bind)


def downgrade() -> None:
    op.drop_table("undeliverable")


def _copy_bounced(bind: sa.Connection, undeliverable: sa.Table) -> None:
    bounced = sa.select(suppression).where(suppression.c.reason.like(_BOUNCED)).order_by(suppression.c.since)
    rows = bind.execute(bounced).mappings().all()
    for address, same in _together(rows, lambda row: normal(row["address"])).items():
        bind.execute(sa.insert(undeliverable), {**same[0], "address": address})


def _merge_suppressed(bind: sa.Connection) -> None:
    rows = bind.execute(sa.select(suppression).order_by(suppression.c.since, suppression.c.address)).mappings().all()
    for address, same in _together(rows, lambda row: normal(row["address"])).items():
        if [row["address"] for row in same] == [address]:
            continue
        bind.execute(sa.delete(suppression).where(suppression.c.address.in_([row["address"] for row in same])))
        bind.execute(sa.insert(suppression), {**same[0], "address": address})


def _merge_touches(bind: sa.Connection) -> None:
    rows = bind.execute(sa.select(reservations).order_by(reservations.c.at, reservations.c.key)).mappings().all()
    touches = _together(rows, lambda row: (row["effect_id"], row["scope"], key_of(row["key"])))
    for (effect, scope, key), same in touches.items():
        if [row["key"] for row in same] == [key]:
            continue
        of_it = (reservations.c.effect_id == effect, reservations.c.scope == scope)
        bind.execute(sa.delete(reservations).where(*of_it, reservations.c.key.in_([row["key"] for row in same])))
        bind.execute(sa.insert(reservations), {**same[0], "key": key})


def _together(rows: Iterable[sa.RowMapping], form: Callable[[sa.RowMapping], Form]) -> dict[Form, list[sa.RowMapping]]:
    """The rows that become one, by what they become."""
    found: dict[Form, list[sa.RowMapping]] = {}
    for row in rows:
        found.setdefault(form(row), []).append(row)
    return found


def _rename_recipients(bind: sa.Connection) -> None:
    recipient = ledger.c.recipient
    for address in bind.scalars(sa.select(recipient).where(recipient.is_not(None)).distinct()).all():
        if (wanted := normal(address)) != address:
            bind.execute(sa.update(ledger).where(recipient == address).values(recipient=wanted))
