"""Runs the migrations, and checks that none is missing."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from store.errors import NotMigrated

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x0DEA1
"""Of PostgreSQL's advisory locks, the one that migrations take."""


def migrate(connection: Connection, *, to: str = "head") -> None:
    """Run the migrations that are missing, up to a revision, in the caller's transaction.

    A database of a later release is left as it is: migrations only add, so this release works on it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = _config()
    if not _is_later(ScriptDirectory.from_config(config), _revision(connection)):
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def check(connection: Connection) -> None:
    """Make sure that no migration is missing.

    Raises:
        NotMigrated: what to run.
    """
    scripts = ScriptDirectory.from_config(_config())
    found, needed = _revision(connection), scripts.get_current_head() or ""
    if found != needed and not _is_later(scripts, found):
        raise NotMigrated(found, needed)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _is_later(scripts: ScriptDirectory, revision: str | None) -> bool:
    if revision is None:
        return False
    try:
        return scripts.get_revision(revision) is None
    except CommandError:
        return True
