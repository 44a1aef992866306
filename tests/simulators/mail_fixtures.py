"""A mail server for tests, one process for all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.simulators.mailbox_server import Behaviour, MailServer


@pytest.fixture(scope="session")
async def mail_process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MailServer]:
    async with MailServer(tmp_path_factory.mktemp("mail") / "kept.jsonl") as running:
        yield running


@pytest.fixture
async def mail_server(mail_process: MailServer) -> AsyncIterator[MailServer]:
    """A mail server that behaves, with nothing in its box."""
    mail_process.file.unlink(missing_ok=True)
    yield mail_process
    await mail_process.behave(Behaviour.ACCEPT)
