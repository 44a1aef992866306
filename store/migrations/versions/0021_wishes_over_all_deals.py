"""What people said of being called, texted or written to by post, for all deals."""

import sqlalchemy as sa
from alembic import op

from store.columns import CleanText, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_wishes",
        sa.Column("channel", CleanText(), nullable=False),
        sa.Column("address", CleanText(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("deal_id", CleanText(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address"),
    )


def downgrade() -> None:
    op.drop_table("channel_wishes")
