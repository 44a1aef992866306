"""What somebody said in another tool's message that a reply means."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("asked_work", sa.Column("reading", sa.Text()))


def downgrade() -> None:
    op.drop_column("asked_work", "reading")
