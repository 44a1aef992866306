"""What is said about how a Slack workspace is set up."""

from __future__ import annotations

import pytest

from integrations.kit.findings import Finding
from integrations.kit.simulator.process import RunningSimulator
from integrations.slack.polling import SCOPES, SlackPolling
from store.database import Store
from tests.integrations.slack.questions import connection_to
from tests.simulators.forked import running_simulator


async def found(slack: RunningSimulator, store: Store, **changed: object) -> dict[str, Finding]:
    polling = SlackPolling(await connection_to(slack, **changed), store)
    findings = await polling.health()
    await polling.close()
    return {one.about: one for one in findings}


async def test_all_is_well_with_token_scopes_and_secret(slack: RunningSimulator, store: Store) -> None:
    looked_at = await found(slack, store)
    assert {about: one.level for about, one in looked_at.items()} == {
        "credentials": "ok", "scopes": "ok", "buttons": "ok"
    }  # fmt: skip


async def test_without_a_signing_secret_no_press_is_taken(slack: RunningSimulator, store: Store) -> None:
    assert (await found(slack, store, webhook_secrets=[]))["buttons"].level == "problem"


async def test_a_token_that_is_not_taken_is_a_problem(slack: RunningSimulator, store: Store) -> None:
    await slack.switch(only="auth.test", expire_token=1)
    looked_at = await found(slack, store)
    assert looked_at["credentials"].level == "problem"
    assert "xoxb" not in looked_at["credentials"].says


@pytest.mark.parametrize("scope", ["users:read.email", "im:history"])
async def test_a_scope_that_is_missing_is_named_with_what_it_is_for(store: Store, scope: str) -> None:
    options = {"scopes": ",".join(SCOPES.keys() - {scope})}
    async with running_simulator("integrations.slack.simulator", options=options) as slack:
        scopes = (await found(slack, store))["scopes"]
    assert scopes.level == "problem"
    assert f"{scope} (to " in scopes.says
