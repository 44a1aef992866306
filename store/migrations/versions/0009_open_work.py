"""What people are asked and have not answered, over all deals, as their journals have it."""

import sqlalchemy as sa
from alembic import op
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import JSONB

from dealwright.entries import Entry
from store.open_work import KINDS, rows_of
from store.work_tables import open_work

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "open_work",
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("deal_id", "kind", "id", name="pk_open_work"),
    )
    op.create_index("ix_open_work_person_due_at", "open_work", ["person", "due_at"])
    _fill()


def downgrade() -> None:
    op.drop_table("open_work")


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
            connection.execute(open_work.insert(), rows)
