"""Pools: who was chosen for which deal, and whose turn it is."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("effect_id", sa.Text(), nullable=False),
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("account", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", "role", name="pk_assignments"),
    )
    op.create_index("ix_assignments_person", "assignments", ["person"])
    op.create_index("ix_assignments_account", "assignments", ["account"])
    op.create_table(
        "pool_turns",
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("credit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("playbook", "pool", "member", name="pk_pool_turns"),
    )


def downgrade() -> None:
    op.drop_table("pool_turns")
    op.drop_table("assignments")
