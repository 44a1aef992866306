from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from integrations.salesforce.simulator.keys import new_private_key
from tests.integrations.salesforce.org_client import OrgClient

TARGET = "http://127.0.0.1:1/"


@pytest.fixture(scope="session")
def private_key() -> str:
    return new_private_key()


@pytest.fixture
async def org(private_key: str) -> AsyncIterator[OrgClient]:
    client = OrgClient(private_key=private_key, target=TARGET)
    await client.login()
    yield client
    await client.http.aclose()
