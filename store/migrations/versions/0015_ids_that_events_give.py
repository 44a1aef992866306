"""Events that deals hear of under an id of their own, for the audit trail. Older ones are not filled in."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intake", sa.Column("given_id", sa.Text()))
    op.create_index("ix_intake_given_id", "intake", ["given_id"])


def downgrade() -> None:
    op.drop_index("ix_intake_given_id", "intake")
    op.drop_column("intake", "given_id")
