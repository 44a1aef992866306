"""Who is away, over all deals."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "away",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_away"),
    )


def downgrade() -> None:
    op.drop_table("away")
