"""The feed of events, which triggers write together with the journal.

SQLite gives the number of a row that was deleted to the next one, unless it is told not to. A line of the journal and
one that was set aside may not have the same.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LINE = "deal_id, number, run, kind, at, sentence, entry"

POSTGRESQL = f"""
CREATE FUNCTION tell_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_feed ({LINE}, set_aside, written_at)
    VALUES (NEW.deal_id, NEW.number, NEW.run, NEW.kind, NEW.at, NEW.sentence, NEW.entry,
            TG_TABLE_NAME = 'set_aside', clock_timestamp());
    RETURN NULL;
END
$$;
CREATE TRIGGER journal_tells AFTER INSERT ON journal FOR EACH ROW EXECUTE FUNCTION tell_event();
CREATE TRIGGER set_aside_tells AFTER INSERT ON set_aside FOR EACH ROW EXECUTE FUNCTION tell_event();
"""  # noqa: S608 - the names are this file's own
NEVER_TWICE = (
    """CREATE TABLE journal_with_numbers (
        seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, deal_id TEXT NOT NULL, number INTEGER NOT NULL,
        run TEXT NOT NULL, kind TEXT NOT NULL, at DATETIME NOT NULL, sentence TEXT NOT NULL, entry JSON NOT NULL,
        CONSTRAINT uq_journal_deal_id_number UNIQUE (deal_id, number)
    )""",
    f"INSERT INTO journal_with_numbers (seq, {LINE}) SELECT seq, {LINE} FROM journal ORDER BY seq",  # noqa: S608 - likewise
    "DROP TABLE journal",
    "ALTER TABLE journal_with_numbers RENAME TO journal",
    "UPDATE sqlite_sequence SET seq = max(seq, (SELECT coalesce(max(seq), 0) FROM set_aside)) WHERE name = 'journal'",
)
SQLITE = """
CREATE TRIGGER {table}_tells AFTER INSERT ON {table} BEGIN
    INSERT INTO event_feed (deal_id, number, run, kind, at, sentence, entry, set_aside, written_at)
    VALUES (NEW.deal_id, NEW.number, NEW.run, NEW.kind, NEW.at, NEW.sentence, NEW.entry,
            {set_aside}, strftime('%Y-%m-%d %H:%M:%f000', 'now'));
END
"""


def upgrade() -> None:
    op.create_table(
        "event_feed",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("position", sa.BigInteger()),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("entry", DOCUMENT, nullable=False),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_feed"),
    )
    op.create_index("ix_event_feed_position", "event_feed", ["position"], unique=True)
    op.create_index("ix_event_feed_deal_id_position", "event_feed", ["deal_id", "position"])
    op.create_table(
        "event_feed_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("deleted_up_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_feed_head"),
    )
    embedded = op.get_bind().dialect.name == "sqlite"
    clock, told = ("strftime('%Y-%m-%d %H:%M:%f000', 'now')", "0") if embedded else ("clock_timestamp()", "false")
    line = f"INSERT INTO event_feed (position, {LINE}, set_aside, written_at)"
    told_already = f"{line} SELECT row_number() OVER (ORDER BY seq), {LINE}, {told}, {clock} FROM journal"  # noqa: S608 - likewise
    head = "INSERT INTO event_feed_head (id, position, deleted_up_to) SELECT 1, count(*), 0 FROM event_feed"
    for statement in (told_already, head):  # what is written already has its order
        op.get_bind().exec_driver_sql(statement)
    if embedded:
        for statement in NEVER_TWICE:
            op.get_bind().exec_driver_sql(statement)
        for table, set_aside in (("journal", 0), ("set_aside", 1)):
            op.get_bind().exec_driver_sql(SQLITE.format(table=table, set_aside=set_aside))
    else:
        op.get_bind().exec_driver_sql(POSTGRESQL)


def downgrade() -> None:
    for table in ("journal", "set_aside"):
        on = "" if op.get_bind().dialect.name == "sqlite" else f" ON {table}"
        op.get_bind().exec_driver_sql(f"DROP TRIGGER {table}_tells{on}")
    if op.get_bind().dialect.name != "sqlite":
        op.get_bind().exec_driver_sql("DROP FUNCTION tell_event()")
    op.drop_table("event_feed_head")
    op.drop_table("event_feed")
