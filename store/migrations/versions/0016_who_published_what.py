"""Which playbook stood for a name when, and who published it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
    )
    op.create_index("ix_publications_name", "publications", ["name"])
    _fill()


def downgrade() -> None:
    op.drop_table("publications")


def _fill() -> None:
    """What was published before, each content once; who did it was not kept."""
    told = ("name", "hash", "published_at")
    bundles = sa.table("bundles", *map(sa.column, told))
    publications = sa.table("publications", *map(sa.column, told))
    known = sa.select(*(bundles.c[name] for name in told)).order_by(bundles.c.published_at, bundles.c.hash)
    op.execute(publications.insert().from_select(told, known))
