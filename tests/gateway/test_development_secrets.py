"""Keys that everybody can read in the documentation open nothing that others can reach."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from gateway.development_secrets import DEVELOPMENT_KEY, DEVELOPMENT_SECRETS, DefaultSecretExposed
from gateway.run import run_gateway
from runtime.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there
OWN = SecretStr("a-key-of-the-tests-1")


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.0.2.7", ""])
async def test_the_local_key_is_not_taken_where_others_can_reach_it(host: str) -> None:
    settings = Settings(gateway_host=host, api_keys=(OWN, SecretStr(DEVELOPMENT_KEY)))
    with pytest.raises(DefaultSecretExposed, match="DEALWRIGHT_API_KEYS: The API key"):
        await run_gateway(settings, asyncio.Event())


@pytest.mark.parametrize("source", DEVELOPMENT_SECRETS)
async def test_a_local_secret_is_not_taken_where_others_can_reach_it(source: str) -> None:
    secrets = {source: (SecretStr(DEVELOPMENT_SECRETS[source]),)}
    settings = Settings(gateway_host=EVERYWHERE, api_keys=(OWN,), webhook_secrets=secrets)
    with pytest.raises(DefaultSecretExposed, match=f"DEALWRIGHT_WEBHOOK_SECRETS: The secret of {source}") as caught:
        await run_gateway(settings, asyncio.Event())
    assert DEVELOPMENT_SECRETS[source] not in str(caught.value)
