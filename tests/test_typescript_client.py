"""The TypeScript client: its types are the API's, it compiles, and it talks to a gateway."""

from __future__ import annotations

import asyncio
from pathlib import Path

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
from tests.typescript_client import SCHEMA

__all__ = ["away", "database", "database_url", "migrated_sqlite", "start_gateway", "store"]

MISSING = typescript_client.what_is_missing()
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(MISSING != "", reason=MISSING),
]


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    typescript_client.install()


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """The folder of the client, to compile in."""
    return typescript_client.copied_to(tmp_path)


def test_the_types_are_those_of_the_api_today() -> None:
    same = SCHEMA.read_text("utf-8") == typescript_client.schema_text()
    assert same, "run: python -m tests.typescript_client"


async def test_a_program_compiles_and_follows_a_deal(
    client: Path, start_gateway: StartGateway, away: DealClient, store: Store
) -> None:
    typescript_client.run_tool("tsc", folder=client)
    gateway = await start_gateway(away)
    async with store.writing() as connection:
        await journal.write(store, connection, "acme-1", story(), "run-1")
    program = await asyncio.create_subprocess_exec(
        "node", "dist/examples/first-steps.js", str(gateway.base_url).rstrip("/"), KEY, "acme-1", "3",
        cwd=client, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complaint = await asyncio.wait_for(program.communicate(), 60)
    assert complaint == b""
    assert said.decode().splitlines() == [
        "acme-1 1: Deal opened (outbound), follows b2b-saas",
        "acme-1 2: Stage outreach (the deal began)",
        "acme-1 3: Note added (no id) - met at the fair",
        "refused: Events are not sent there",
    ]


def test_what_the_api_does_not_take_does_not_compile(client: Path) -> None:
    (client / "examples" / "wrong.ts").write_text(
        'import { dealwright } from "../src/index.js";\n'
        'const client = dealwright({ baseUrl: "http://127.0.0.1", key: "a" });\n'
        'await client.GET("/v1/event", {});\n',
        encoding="utf-8",
    )
    with pytest.raises(RuntimeError, match="/v1/event"):
        typescript_client.run_tool("tsc", "--noEmit", folder=client)
