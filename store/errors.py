"""Errors of the store. Each message says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class StoreError(Exception):
    """Something is wrong with the store."""


class StoreAway(StoreError):
    """The database does not answer. Nothing is lost: what waits is tried again."""

    def __init__(self, cause: BaseException) -> None:
        self.said = f"{type(cause).__name__}: {_first(cause)}"
        """What the database's driver says."""
        super().__init__(f"The database does not answer; it is tried again ({self.said})")


class BadDatabaseUrl(StoreError, ValueError):
    """The database's address is not one that the store can use.

    Of the address only the kind of database is told: any other part may be its password, or a piece of it.
    """

    def __init__(self, kind: str | None = None) -> None:
        what = f"{kind!r} is" if kind else "What DATABASE_URL says is"
        super().__init__(
            f"{what} no database that Dealwright can use: write DATABASE_URL as sqlite:///path/to/file.db or "
            "postgresql://user:password@host:5432/name, in its password @ as %40, / as %2F, : as %3A, % as %25"
        )


class DatabaseNotFound(StoreError):
    """There is no database file where one is to be read."""

    def __init__(self, file: str) -> None:
        super().__init__(f"There is no database at {file}: set DATABASE_URL to the one that the worker has")


class DatabaseFolderMissing(StoreError):
    """The folder of an embedded database is not there and cannot be made."""

    def __init__(self, folder: Path, cause: OSError) -> None:
        super().__init__(
            f"The database's folder {folder} cannot be made ({cause.strerror or cause}): "
            "write another path in DATABASE_URL"
        )


class NotASqliteFile(StoreError):
    """What stands where the database's file should be is none, or is damaged."""

    def __init__(self, file: str, cause: BaseException) -> None:
        super().__init__(
            f"{file} is no database that can be read ({_first(cause)}): write another path in DATABASE_URL, or restore "
            "it from a copy"
        )


class NotMigrated(StoreError):
    """The database's tables are not those that this release works on."""

    def __init__(self, found: str | None, needed: str) -> None:
        state = "has no tables yet" if found is None else f"stands at revision {found}"
        super().__init__(f"The database {state}, this release needs revision {needed}: run `dealwright migrate`")


class BundleTooLarge(StoreError):
    """A bundle that no payload could carry."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name} is not published: {problem}: take templates out, or part the playbook in two")


class JournalConflict(StoreError):
    """One run of a deal gives a journal number to two different entries. This must never happen."""

    def __init__(self, deal_id: str, number: int, stands: str, came: str) -> None:
        self.deal_id, self.number = deal_id, number
        super().__init__(
            f"Deal {deal_id}: entry {number} stands in the journal as {stands!r} and came again as {came!r}. "
            "Nothing was written; compare the workflow's history with the journal before going on"
        )


class UnnumberedEntry(StoreError):
    """An entry has no number: only folded entries may be journaled."""

    def __init__(self, deal_id: str, sentence: str) -> None:
        super().__init__(f"Deal {deal_id}: the entry {sentence!r} has no number; fold it before it is journaled")


class EffectConflict(StoreError):
    """One effect id stands for two different effects. This must never happen."""

    def __init__(self, effect_id: str, stands: str, came: str) -> None:
        super().__init__(f"Effect {effect_id} stands in the ledger as {stands} and came again as {came}")


class UnknownPlaybook(StoreError):
    """No playbook of this name was published."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No playbook {name!r} is in the store: run `dealwright playbook publish` with its folder")


class UnknownBundle(StoreError):
    """No playbook bundle with this content hash was published."""

    def __init__(self, content_hash: str) -> None:
        super().__init__(
            f"No playbook bundle {content_hash[:12]} is in the store: publish the very files that it was made of again"
        )


class AmbiguousBundle(StoreError):
    """Several published bundles have a hash that begins so."""

    def __init__(self, beginning: str, found: Sequence[str]) -> None:
        told = ", ".join(each[: len(beginning) + 6] for each in found)
        super().__init__(f"Several bundles begin with {beginning}: write more of the hash ({told})")


class UnknownAdoption(StoreError):
    """There is no run of that id in which deals adopted a playbook."""

    def __init__(self, run: str) -> None:
        super().__init__(f"There is no run {run!r}: `dealwright playbook adoptions` lists them")


def _first(cause: BaseException) -> str:
    """The first line of what the driver says, without the statement and its values."""
    original = getattr(cause, "orig", None) or cause
    return next(iter(str(original).splitlines()), "")[:200]
