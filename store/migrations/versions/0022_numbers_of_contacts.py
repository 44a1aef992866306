"""Which deals know which phone numbers, beside the addresses of mail."""

import sqlalchemy as sa
from alembic import op
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import JSONB

from dealwright.entries import Entry
from store.contact_tables import deal_contacts
from store.deal_contacts import KINDS, rows_of

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    entry: TypeAdapter[Entry] = TypeAdapter(Entry)
    journal = sa.table(
        "journal", sa.column("deal_id"), sa.column("number"), sa.column("kind"), sa.column("entry", DOCUMENT)
    )
    connection, lines = op.get_bind(), dict[str, list[Entry]]()
    told = sa.select(journal.c.deal_id, journal.c.entry).where(journal.c.kind.in_(sorted(KINDS)))
    for row in connection.execute(told.order_by(journal.c.deal_id, journal.c.number)):
        lines.setdefault(row.deal_id, []).append(entry.validate_python(row.entry))
    connection.execute(sa.delete(deal_contacts))
    for deal_id, entries in lines.items():
        if rows := rows_of(deal_id, entries):
            connection.execute(deal_contacts.insert(), rows)


def downgrade() -> None:
    numbers = deal_contacts.c.address.like("+%") & ~deal_contacts.c.address.like("%@%")
    op.get_bind().execute(sa.delete(deal_contacts).where(numbers))
