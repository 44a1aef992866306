"""Runs in which many deals adopt a playbook, and how far each deal has come."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adoptions",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.Column("which", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("comes", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_adoptions"),
    )
    op.create_table(
        "adopting_deals",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("said", sa.Text()),
        sa.Column("back", sa.Text()),
        sa.PrimaryKeyConstraint("run", "deal_id", name="pk_adopting_deals"),
    )


def downgrade() -> None:
    op.drop_table("adopting_deals")
    op.drop_table("adoptions")
