"""The API does what its own description says, whatever is sent to it."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from starter.client import DEFAULT_PLAYBOOK, DealClient
from store.database import Store
from tests.gateway.conftest import KEY, Serve
from tests.living import worker_at_work

pytestmark = pytest.mark.server

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,"
    "allow_header_conformance,ignored_auth"
)


EVERY_SHAPE = r"^/v1/deals$|/commands/pause$|^/v1/links|^/(webhooks|unsubscribe)"
"""One path of each shape: the others are generated alike, and all of them take six minutes."""


@pytest.mark.parametrize(
    ("phases", "paths"),
    [("examples,fuzzing", "."), ("coverage", EVERY_SHAPE)],
    ids=["any request to every path", "every odd request to one path of each shape"],
)
async def test_nothing_that_is_sent_gets_an_answer_that_is_not_described(
    serve: Serve, temporal: Client, store: Store, phases: str, paths: str, tmp_path: Path
) -> None:
    api = await serve(DealClient(temporal, timedelta(seconds=8)))
    async with worker_at_work(temporal, store, also_as=DEFAULT_PLAYBOOK):
        checking = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "schemathesis.cli", "run", f"{api.base_url}/openapi.json",
            "--header", f"X-API-Key: {KEY}", "--checks", CHECKS, "--phases", phases, "--include-path-regex", paths,
            "--max-examples", "2", "--seed", "2026", "--no-color", "--generation-database", "none",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
        )  # fmt: skip
        output, _ = await checking.communicate()
    assert checking.returncode == 0, output.decode()[-20_000:]
