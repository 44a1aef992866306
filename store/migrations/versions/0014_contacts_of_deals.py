"""Whom deals know on the buying side, and whose address an event has."""

import sqlalchemy as sa
from alembic import op
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import JSONB

from dealwright.entries import Entry
from store.contact_tables import deal_contacts
from store.deal_contacts import KINDS, rows_of

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("intake", sa.Column("contacts", sa.Text()))
    op.create_table(
        "deal_contacts",
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", "address", name="pk_deal_contacts"),
    )
    op.create_index("ix_deal_contacts_address", "deal_contacts", ["address"])
    _fill()


def downgrade() -> None:
    op.drop_table("deal_contacts")
    op.drop_column("intake", "contacts")


def _fill() -> None:
    entry: TypeAdapter[Entry] = TypeAdapter(Entry)
    journal = sa.table(
        "journal", sa.column("deal_id"), sa.column("number"), sa.column("kind"), sa.column("entry", DOCUMENT)
    )
    connection, lines = op.get_bind(), dict[str, list[Entry]]()
    told = sa.select(journal.c.deal_id, journal.c.entry).where(journal.c.kind.in_(sorted(KINDS)))
    for row in connection.execute(told.order_by(journal.c.deal_id, journal.c.number)):
        lines.setdefault(row.deal_id, []).append(entry.validate_python(row.entry))
    for deal_id, entries in lines.items():
        if rows := rows_of(deal_id, entries):
            connection.execute(deal_contacts.insert(), rows)
