"""Whether a deal counts among the open ones of whom a pool chose for it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assignments", sa.Column("counts", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("assignments", sa.Column("counted_by", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("assignments", "counted_by")
    op.drop_column("assignments", "counts")
