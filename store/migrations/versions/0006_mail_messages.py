"""Messages by their Message-ID, so that answers and reports find their deal."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_messages",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("effect_id", sa.Text(), nullable=False),
        sa.Column("touch", sa.Text()),
        sa.Column("sender", sa.Text()),
        sa.Column("recipient", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_mail_messages"),
    )
    for columns in (["touch"], ["effect_id"], ["deal_id"], ["recipient", "at"]):
        op.create_index(f"ix_mail_messages_{'_'.join(columns)}", "mail_messages", columns)


def downgrade() -> None:
    op.drop_table("mail_messages")
