"""How people are told of their work, and what they were told. What is open already was seen, and is told to nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "people_preferences",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("delivery", sa.Text()),
        sa.Column("digest_at", sa.Text()),
        sa.Column("timezone", sa.Text()),
        sa.Column("holidays", sa.Text()),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_people_preferences"),
    )
    op.create_table(
        "work_messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("digest_on", sa.Text()),
        sa.Column("planned_at", TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("settled_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_work_messages"),
        sa.UniqueConstraint("person", "digest_on", name="uq_work_messages_person_digest_on"),
    )
    op.create_index("ix_work_messages_state_planned_at", "work_messages", ["state", "planned_at"])
    op.create_table(
        "told_work",
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", "kind", "id", "person", name="pk_told_work"),
    )
    op.create_index("ix_told_work_message", "told_work", ["message"])
    op.execute(
        "INSERT INTO told_work (deal_id, kind, id, person, asked_at, message) "
        "SELECT deal_id, kind, id, person, asked_at, '' FROM open_work"
    )


def downgrade() -> None:
    op.drop_table("told_work")
    op.drop_table("work_messages")
    op.drop_table("people_preferences")
