from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.simulators.mailbox_server import MailServer
from tests.store.databases import postgres

__all__ = ["postgres"]


@pytest.fixture(scope="package")
async def mail(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MailServer]:
    """A mail server that always takes what it is given."""
    async with MailServer(tmp_path_factory.mktemp("mail") / "mail.jsonl") as server:
        yield server
