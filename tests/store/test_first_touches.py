"""How soon buyers hear from us: the query that docs/journal.md gives to reports."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from dealwright.entries import EffectSettled, Entry, TaskClosed, TaskOpened
from store import journal
from store.database import Store
from tests.store.samples import NOW, opened

HOUR = timedelta(hours=1)
DOCS = (Path(__file__).parents[2] / "docs" / "journal.md").read_text(encoding="utf-8")
(QUERY,) = re.findall(r"```sql\n(WITH touches.*?);\n```", DOCS, flags=re.DOTALL)


def call(number: int, **closed: object) -> tuple[Entry, Entry]:
    about = {"task": f"t{number}", "title": "Call", "at": NOW}
    asked = TaskOpened.model_validate(
        {**about, "number": number, "name": "call", "role": "sdr", "due_at": NOW + HOUR, "channel": "call"}
    )
    done = {"how": "done", "channel": "call", "touch_by": "person", **closed}
    return asked, TaskClosed.model_validate({**about, "number": number + 1, "at": NOW + 2 * HOUR, **done})


def sent(number: int, status: str = "done") -> EffectSettled:
    return EffectSettled(at=NOW + HOUR, number=number, effect=f"e{number}", does="send_email", status=status)


async def first_touches(store: Store) -> list[tuple[str, bool, bool]]:
    """For each deal, whether it was touched, and whether by a person later than by the machine."""
    async with store.reading() as connection:
        rows = (await connection.execute(text(QUERY))).all()
    return [(deal, first is not None, human is not None and human > first) for deal, _, first, human in rows]


async def test_the_first_touch_of_a_person_is_told_apart_from_the_machines(store: Store) -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, "acme-1", [opened(), sent(2), *call(3)], "r1")
        await journal.write(store, connection, "acme-2", [opened("acme-2"), sent(2)], "r1")
        await journal.write(store, connection, "acme-3", [opened("acme-3"), sent(2, "skipped")], "r1")

    assert sorted(await first_touches(store)) == [
        ("acme-1", True, True), ("acme-2", True, False), ("acme-3", False, False),
    ]  # fmt: skip


async def test_a_call_that_nobody_made_is_no_touch(store: Store) -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, "acme-1", [opened(), *call(2, how="cancelled", touch_by=None)], "r1")

    assert await first_touches(store) == [("acme-1", False, False)]
