"""Migrations of a database that holds data already."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from dealwright.entries import TaskClosed, TaskOpened
from store import ledger, open_work, schema, suppression
from store.database import Store, canonical_json, driver_url
from tests.store.databases import connected
from tests.store.samples import NOW


@pytest.fixture
def first_tables(database: str, request: pytest.FixtureRequest, tmp_path: object) -> str:
    """The address of a database as the first migration made it."""
    if database == "sqlite":
        url = f"sqlite:///{tmp_path}/first.db"
    else:
        server: str = request.getfixturevalue("postgres")
        engine = create_engine(driver_url(server), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS first_tables"))
            connection.execute(text("CREATE DATABASE first_tables"))
        engine.dispose()
        url = driver_url(server).set(database="first_tables").render_as_string(hide_password=False)
    with connected(url) as connection:
        schema.migrate(connection, to="0001")
    return url


def put(connection: Connection, table: str, **row: object) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608 - the test's own


def moment(day: int) -> datetime:
    return NOW.replace(day=day, tzinfo=None)


async def migrated(url: str) -> Store:
    store = Store.open(url)
    await store.migrate()
    await store.check_migrated()
    return store


async def test_suppressed_addresses_that_become_one_are_merged_and_the_earliest_stays(first_tables: str) -> None:
    with connected(first_tables) as connection:
        for address, reason, day in (
            ("ana@xn--bcher-kva.example", "opted out, told by deal b", 5),
            ("ana@bücher.example", "opted out, told by deal a", 4),
            ("bo@acme.example", "email bounced, told by deal a", 4),
            ("cy\u200b@acme.example", "unsubscribed", 6),
        ):
            put(connection, "suppression", address=address, reason=reason, since=moment(day), deal_id="a")

    store = await migrated(first_tables)

    listed = {
        one.address: (one.reason, one.since.day, await suppression.bounced(store, one.address) is not None)
        for address in ("ana@bücher.example", "bo@acme.example", "cy@acme.example")
        if (one := await suppression.suppressed(store, address))
    }
    await store.close()
    assert listed == {
        "ana@xn--bcher-kva.example": ("opted out, told by deal a", 4, False),
        "bo@acme.example": ("email bounced, told by deal a", 4, True),
        "cy@acme.example": ("unsubscribed", 6, False),
    }


async def test_a_bounce_that_is_merged_into_an_opt_out_stays_known(first_tables: str) -> None:
    with connected(first_tables) as connection:
        for address, reason, day in (
            ("ana@bücher.example", "opted out, told by deal a", 4),
            ("ana@xn--bcher-kva.example", "email bounced, told by deal b", 5),
        ):
            put(connection, "suppression", address=address, reason=reason, since=moment(day))

    store = await migrated(first_tables)

    found = await suppression.suppressed(store, "ana@bücher.example")
    bounced = await suppression.bounced(store, "ana@bücher.example") is not None
    await store.close()
    assert found is not None
    assert (found.reason, bounced) == ("opted out, told by deal a", True)


async def test_touches_of_one_address_count_together_and_none_twice(first_tables: str) -> None:
    with connected(first_tables) as connection:
        for effect, scope, key in (
            ("a/1", "contact", "Ana@Acme.example"),
            ("a/1", "contact", "ana@acme.example"),
            ("b/1", "contact", "ana@acme.example"),
            ("b/1", "rep", "Jane Doe"),
        ):
            put(connection, "reservations", effect_id=effect, scope=scope, key=key, at=moment(4))

    await (await migrated(first_tables)).close()

    with connected(first_tables) as connection:
        rows = connection.execute(text("SELECT effect_id, scope, key FROM reservations ORDER BY 1, 2")).all()
    assert [tuple(row) for row in rows] == [
        ("a/1", "contact", "ana@acme.example"),
        ("b/1", "contact", "ana@acme.example"),
        ("b/1", "rep", "Jane Doe"),
    ]


async def test_the_recipients_of_messages_are_named_in_their_normal_form(first_tables: str) -> None:
    with connected(first_tables) as connection:
        for effect, recipient in (("a/1", "ana@bücher.example"), ("a/2", None)):
            put(
                connection, "ledger", effect_id=effect, deal_id="a", kind="send_email", state="claimed",
                at=moment(4), claimed_at=moment(4), attempts=1, hand_overs=0, unwanted=False, recipient=recipient,
            )  # fmt: skip

    store = await migrated(first_tables)

    rows = {row.effect_id: row.recipient for row in await ledger.of_deal(store, "a")}
    await store.close()
    assert rows == {"a/1": "ana@xn--bcher-kva.example", "a/2": None}


async def test_an_older_release_can_still_write_to_the_list(first_tables: str) -> None:
    store = await migrated(first_tables)
    with connected(first_tables) as connection:
        put(connection, "suppression", address="ana@acme.example", reason="unsubscribed", since=moment(4))

    found = await suppression.suppressed(store, "ana@acme.example")
    await store.close()
    assert found is not None


async def test_what_people_were_asked_before_is_listed(first_tables: str) -> None:
    asked = TaskOpened(
        at=NOW, number=1, task="t1", title="Call Ana", name="call", role="sdr", due_at=NOW, given_to="Ben@us.example"
    )
    done = TaskClosed(at=NOW, number=3, task="t2", title="Call Bob", how="done")
    entries = (asked, asked.model_copy(update={"number": 2, "task": "t2"}), done)
    with connected(first_tables) as connection:
        for entry in entries:
            put(
                connection, "journal", deal_id="a", number=entry.number, run="r1", kind=entry.kind, at=moment(4),
                sentence=entry.sentence(), entry=canonical_json(entry.model_dump(mode="json", exclude_none=True)),
            )  # fmt: skip

    store = await migrated(first_tables)

    found = await open_work.list_work(store, NOW)
    await store.close()
    assert [(one.id, one.person) for one in found] == [("t1", "ben@us.example")]


def test_migrations_are_one_line_numbered_like_their_files() -> None:
    files = sorted((Path(schema.__file__).parent / "migrations" / "versions").glob("0*.py"))
    declared = [tuple(re.findall(r'(?m)^(?:down_)?revision(?:: \S+)? = "?(\w+)"?', file.read_text())) for file in files]
    numbers = [f"{number:04}" for number in range(1, len(files) + 1)]

    assert [file.name[:4] for file in files] == numbers
    assert declared == list(zip(numbers, ["None", *numbers], strict=False))
