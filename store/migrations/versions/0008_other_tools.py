"""What is known of other tools: their limits, our tokens, what they hold, how far they were read."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "request_budgets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("left", sa.Float(), nullable=False),
        sa.Column("counted_at", _TIME, nullable=False),
        sa.Column("held_until", _TIME),
        sa.PrimaryKeyConstraint("name", name="pk_request_budgets"),
    )
    op.create_table(
        "tool_tokens",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("access", sa.Text()),
        sa.Column("refresh", sa.Text()),
        sa.Column("base_url", sa.Text()),
        sa.Column("obtained_at", _TIME),
        sa.Column("expires_at", _TIME),
        sa.Column("renewing", sa.Text()),
        sa.Column("renewing_since", _TIME),
        sa.Column("refused", sa.Text()),
        sa.Column("refused_at", _TIME),
        sa.PrimaryKeyConstraint("name", name="pk_tool_tokens"),
    )
    op.create_table(
        "mirrored_values",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("property", sa.Text(), nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("source", "object_id", "property", name="pk_mirrored_values"),
    )
    op.create_table(
        "feeds",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("polled_at", _TIME),
        sa.Column("found_at", _TIME),
        sa.Column("heard_at", _TIME),
        sa.Column("told_at", _TIME),
        sa.PrimaryKeyConstraint("source", name="pk_feeds"),
    )


def downgrade() -> None:
    for table in ("feeds", "mirrored_values", "tool_tokens", "request_budgets"):
        op.drop_table(table)
