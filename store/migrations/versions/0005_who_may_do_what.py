"""The keys of the HTTP API, and who changed what through it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    document = sa.JSON().with_variant(JSONB(), "postgresql")
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", document, nullable=False),
        sa.Column("acts_for", sa.Text()),
        sa.Column("may_speak_for", document, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.Column("revoked_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text()),
        sa.Column("by", sa.Text()),
        sa.Column("address", sa.Text()),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text()),
        sa.Column("target", sa.Text()),
        sa.Column("idempotency_key", sa.Text()),
        sa.Column("status", sa.Integer()),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_deal_id", "audit", ["deal_id"])


def downgrade() -> None:
    op.drop_table("audit")
    op.drop_table("api_keys")
