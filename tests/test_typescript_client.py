"""The TypeScript client: its types are the API's, it compiles, and it talks to a gateway."""

from __future__ import annotations

import asyncio

import pytest

from dealwright.client.deal_client import DealClient
from store import journal
from store.database import Store
from tests import typescript_client
from tests.gateway.conftest import (
    KEY,
    StartGateway,
    away,
    database,
    database_url,
    migrated_sqlite,
    start_gateway,
    store,
)
from tests.store.samples import story
from tests.typescript_client import CLIENT, SCHEMA

__all__ = ["away", "database", "database_url", "migrated_sqlite", "start_gateway", "store"]

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not typescript_client.node_is_there(), reason="Node.js is not on this machine"),
]


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    typescript_client.install()


def test_the_types_are_those_of_the_api_today() -> None:
    same = SCHEMA.read_text("utf-8") == typescript_client.schema_text()
    assert same, "run: python -m tests.typescript_client"


async def test_a_program_compiles_and_follows_a_deal(
    start_gateway: StartGateway, away: DealClient, store: Store
) -> None:
    typescript_client.run("node_modules/.bin/tsc")
    gateway = await start_gateway(away)
    async with store.writing() as connection:
        await journal.write(store, connection, "acme-1", story(), "run-1")
    program = await asyncio.create_subprocess_exec(
        "node", "dist/examples/first-steps.js", str(gateway.base_url).rstrip("/"), KEY, "acme-1", "3",
        cwd=CLIENT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complaint = await asyncio.wait_for(program.communicate(), 60)
    assert complaint == b""
    assert said.decode().splitlines() == [
        "acme-1 1: Deal opened (outbound), follows b2b-saas",
        "acme-1 2: Stage outreach (the deal began)",
        "acme-1 3: Note added - met at the fair",
        "refused: Events are not sent there",
    ]


def test_what_the_api_does_not_take_does_not_compile() -> None:
    wrong = CLIENT / "examples" / "wrong.ts"
    wrong.write_text(
        'import { dealwright } from "../src/index.js";\n'
        'const client = dealwright({ baseUrl: "http://127.0.0.1", key: "a" });\n'
        'await client.GET("/v1/event");\n',
        encoding="utf-8",
    )
    try:
        with pytest.raises(RuntimeError, match="/v1/event"):
            typescript_client.run("node_modules/.bin/tsc", "--noEmit")
    finally:
        wrong.unlink()
