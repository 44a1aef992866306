"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = (
    "bundles",
    "crm_links",
    "deal_records",
    "finished_deals",
    "installation",
    "intake",
    "journal",
    "ledger",
    "notes",
    "notices",
    "playbook_names",
    "refusals",
    "requests",
    "reservations",
    "set_aside",
    "suppression",
    "tasks",
)


def upgrade() -> None:
    op.create_table(
        "bundles",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("files", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_bundles"),
    )
    op.create_table(
        "crm_links",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "object_id", name="pk_crm_links"),
    )
    op.create_table(
        "deal_records",
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("amount", sa.Text()),
        sa.Column("currency", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", name="pk_deal_records"),
    )
    op.create_table(
        "finished_deals",
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", name="pk_finished_deals"),
    )
    op.create_table(
        "installation",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_installation"),
    )
    op.create_table(
        "intake",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("deal_ref", sa.Text()),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("payload", DOCUMENT, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("dispatched_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_intake"),
        sa.UniqueConstraint("source", "event_id", name="uq_intake_source_event_id"),
    )
    op.create_index("ix_intake_state_not_before", "intake", ["state", "not_before"])
    op.create_table(
        "journal",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("entry", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_journal"),
        sa.UniqueConstraint("deal_id", "number", name="uq_journal_deal_id_number"),
    )
    op.create_table(
        "ledger",
        sa.Column("effect_id", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("hand_overs", sa.Integer(), nullable=False),
        sa.Column("unwanted", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.Text()),
        sa.Column("recipient", sa.Text()),
        sa.Column("last_error", sa.Text()),
        sa.Column("result", DOCUMENT),
        sa.PrimaryKeyConstraint("effect_id", name="pk_ledger"),
    )
    op.create_index("ix_ledger_deal_id", "ledger", ["deal_id"])
    op.create_table(
        "notes",
        sa.Column("effect_id", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("effect_id", name="pk_notes"),
    )
    op.create_index("ix_notes_deal_id", "notes", ["deal_id"])
    op.create_table(
        "notices",
        sa.Column("effect_id", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("effect_id", name="pk_notices"),
    )
    op.create_index("ix_notices_deal_id", "notices", ["deal_id"])
    op.create_table(
        "playbook_names",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_playbook_names"),
    )
    op.create_table(
        "refusals",
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", "at", name="pk_refusals"),
    )
    op.create_table(
        "requests",
        sa.Column("effect_id", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("effect_id", name="pk_requests"),
    )
    op.create_index("ix_requests_deal_id", "requests", ["deal_id"])
    op.create_table(
        "reservations",
        sa.Column("effect_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("effect_id", "scope", "key", name="pk_reservations"),
    )
    op.create_index("ix_reservations_scope_key_at", "reservations", ["scope", "key", "at"])
    op.create_table(
        "set_aside",
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("entry", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_set_aside"),
    )
    op.create_index("ix_set_aside_deal_id", "set_aside", ["deal_id"])
    op.create_table(
        "suppression",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deal_id", sa.Text()),
        sa.PrimaryKeyConstraint("address", name="pk_suppression"),
    )
    op.create_table(
        "tasks",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("how", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("task", name="pk_tasks"),
    )
    op.create_index("ix_tasks_closed_at_role", "tasks", ["closed_at", "role"])
    op.create_index("ix_tasks_deal_id", "tasks", ["deal_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
