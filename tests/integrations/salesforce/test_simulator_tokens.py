"""The simulated org lets in whom Salesforce would let in."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.salesforce.simulator.keys import new_private_key
from integrations.salesforce.simulator.people import ADMIN
from tests.integrations.salesforce.org_client import JWT_BEARER, OrgClient


async def test_an_assertion_is_exchanged_for_a_token_and_the_address_of_the_org(org: OrgClient) -> None:
    answer = await org.token(grant_type=JWT_BEARER, assertion=org.assertion())
    assert answer.status_code == 200
    assert answer.json()["instance_url"] == "http://127.0.0.1:1"
    assert "refresh_token" not in answer.json()


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": "https://elsewhere.example"}, "audience is invalid"),
        ({"exp": 1}, "expired authorization code"),
        ({"exp": 9_999_999_999}, "expired authorization code"),
        ({"sub": "somebody@example.org"}, "user hasn't approved this consumer"),
        ({"iss": "another"}, "client identifier invalid"),
    ],
)
async def test_an_assertion_that_is_wrong_is_refused(org: OrgClient, claims: dict[str, Any], said: str) -> None:
    answer = await org.token(grant_type=JWT_BEARER, assertion=org.assertion(**claims))
    assert (answer.status_code, answer.json()["error_description"]) == (400, said)


async def test_an_assertion_signed_by_somebody_else_is_refused(org: OrgClient) -> None:
    org.simulator.state.private_key = new_private_key()
    answer = await org.token(grant_type=JWT_BEARER, assertion=org.assertion())
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_client_credentials_stand_for_the_user_that_the_app_runs_as(org: OrgClient) -> None:
    options = org.simulator.options
    good = {"client_id": options.client_id, "client_secret": options.client_secret}
    assert (await org.token(grant_type="client_credentials", **good)).status_code == 200
    wrong = await org.token(grant_type="client_credentials", **{**good, "client_secret": "no"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client")


async def test_a_refresh_token_is_good_once_and_its_second_use_ends_all_that_came_of_it(org: OrgClient) -> None:
    options = org.simulator.options
    app = {"client_id": options.client_id, "client_secret": options.client_secret, "grant_type": "refresh_token"}
    first = org.simulator.tokens.first_refresh_token(ADMIN)
    second = (await org.token(refresh_token=first, **app)).json()
    org.http.headers["Authorization"] = f"Bearer {second['access_token']}"
    assert (await org.call("GET", "limits")).status_code == 200
    assert (await org.token(refresh_token=first, **app)).status_code == 400
    assert (await org.call("GET", "limits")).status_code == 401
    assert (await org.token(refresh_token=second["refresh_token"], **app)).status_code == 400


async def test_a_session_that_is_over_is_told_so(org: OrgClient) -> None:
    org.simulator.tokens.expire_all()
    answer = await org.call("GET", "limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
