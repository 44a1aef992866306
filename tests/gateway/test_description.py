"""The API does what its own description says, whatever is sent to it."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from dealwright.client.deal_client import DealClient
from dealwright.identity import DEFAULT_PLAYBOOK
from gateway.api import create_app
from store.database import Store
from tests.gateway.conftest import KEY, OPTIONS, Api, served
from tests.temporal_environment import running_worker

pytestmark = pytest.mark.server

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,"
    "allow_header_conformance,ignored_auth"
)


EVERY_SHAPE = r"^/v1/deals$|/commands/pause$|^/v1/links|^/(webhooks|unsubscribe)"
"""One path of each shape: the others are generated alike, and all of them take six minutes."""


LONGEST = 240
"""Seconds that one run may take."""


@pytest.fixture(scope="module")
async def api(temporal: Client, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("described") / "deals.db")
    store = Store.open(f"sqlite:///{path}")
    app = create_app(OPTIONS, DealClient(temporal, timedelta(seconds=8)), store)
    async with running_worker(temporal, store, also_named=DEFAULT_PLAYBOOK), served(app) as client:
        yield client
    await store.close()


@pytest.mark.parametrize(
    ("phases", "paths"),
    [("examples,fuzzing", "."), ("coverage", EVERY_SHAPE)],
    ids=["any request to every path", "every odd request to one path of each shape"],
)
async def test_nothing_that_is_sent_gets_an_answer_that_is_not_described(
    api: Api, phases: str, paths: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        checking = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "schemathesis.cli", "run", f"{api.base_url}/openapi.json",
            "--header", f"X-API-Key: {KEY}", "--checks", CHECKS, "--phases", phases, "--include-path-regex", paths,
            "--max-examples", "1", "--seed", "2026", "--no-color", "--generation-database", "none",
            "--request-timeout", "20", stdout=output, stderr=output, cwd=tmp_path,
        )  # fmt: skip
    try:
        code = await asyncio.wait_for(checking.wait(), LONGEST)
    except TimeoutError:
        checking.kill()
        code = -1
    assert code == 0, log.read_text()[-20_000:]
