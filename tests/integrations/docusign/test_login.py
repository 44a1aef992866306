"""How DocuSign lets us in: the JWT grant of a user who has consented, and the address of their account."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from integrations.docusign.client import DocuSignClient
from integrations.docusign.settings import DocuSignConnection
from integrations.docusign.simulator.tokens import new_private_key
from integrations.kit.errors import NotHandedOver
from integrations.kit.simulator.process import RunningSimulator
from store.database import Store


@pytest.fixture
async def consent(docusign: RunningSimulator) -> AsyncIterator[RunningSimulator]:
    """An account whose user takes their consent back."""
    await docusign.change(do="withdraw_consent")
    yield docusign
    await docusign.change(do="consent")


async def configurations(connection: DocuSignConnection, store: Store) -> int:
    client = DocuSignClient(connection, store)
    try:
        return len(await client.configurations())
    finally:
        await client.close()


async def test_a_token_is_asked_for_once_and_the_accounts_address_with_it(
    connection: DocuSignConnection, store: Store, docusign: RunningSimulator
) -> None:
    before = [len(await docusign.calls(path)) for path in ("/oauth/token$", "/oauth/userinfo$")]

    assert [await configurations(connection, store) for _ in range(2)] == [1, 1]

    after = [len(await docusign.calls(path)) for path in ("/oauth/token$", "/oauth/userinfo$")]
    assert after == [one + 1 for one in before]


async def test_a_user_who_has_not_consented_is_told_where_they_do(
    connection: DocuSignConnection, store: Store, consent: RunningSimulator
) -> None:
    with pytest.raises(NotHandedOver, match="has not consented yet") as refused:
        await configurations(connection, store)

    assert f"{connection.login_url}/oauth/auth?response_type=code" in refused.value.reason
    assert f"client_id={connection.integration_key}" in refused.value.reason


async def test_an_account_that_the_user_is_not_in_is_named(
    connection: DocuSignConnection, store: Store, docusign: RunningSimulator
) -> None:
    other = connection.model_copy(update={"account_id": "00000000-0000-4000-8000-000000000000"})

    with pytest.raises(NotHandedOver, match=f"those that they are in: {connection.account_id}"):
        await configurations(other, store)


async def test_another_key_than_the_apps_is_refused_and_not_repeated_in_the_error(
    connection: DocuSignConnection, store: Store, docusign: RunningSimulator
) -> None:
    wrong = new_private_key()
    other = connection.model_copy(update={"private_key": SecretStr(wrong)})

    with pytest.raises(NotHandedOver, match="no_valid_keys_or_signatures") as refused:
        await configurations(other, store)

    assert wrong not in refused.value.reason
