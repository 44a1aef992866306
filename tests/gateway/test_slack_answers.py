"""An approval that is asked in Slack and answered there: decided once, by whoever is asked, and shown as decided."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client

from dealwright import contract
from dealwright.client.deal_client import DealClient
from dealwright.entries import ApprovalAnswered, FactTaken
from dealwright.identity import DEFAULT_PLAYBOOK, TASK_QUEUE
from gateway.api import create_app
from gateway.http_server import running_server
from gateway.run import options_of
from integrations.kit.simulator.process import RunningSimulator
from local.server.ports import free_ports
from local.simulators import write_connections
from playbooks import shipped
from runtime.settings import Settings
from store import bundles, intake, open_work
from store.database import Store
from store.intake import IntakeRow, IntakeState
from store.open_work import WhichWork
from tests.gateway.conftest import KEY, QUICK, Api
from tests.integrations.slack.questions import buttons_of, message_in, texts_of
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated
from tests.temporal_environment import new_deal_id, wait_until
from worker import compose

pytestmark = pytest.mark.server
OWNERS = {
    "account_executive": {"name": "Sam", "email": "sam@seller.example"},
    "sales_manager": {"name": "Max", "email": "max@seller.example"},
}


@dataclass
class Installation:
    """A gateway and a worker that are connected to a workspace, in which people are told of their work."""

    api: Api
    client: Client
    store: Store
    slack: RunningSimulator
    deals: DealClient

    async def discount_asked_for(self) -> tuple[str, str]:
        """A deal asks Max for a discount; its id, and what Slack names the message."""
        deal_id = new_deal_id()
        deal = {"id": deal_id, "owners": OWNERS, "amount": {"amount": "48000.00", "currency": "EUR"}}
        opened = await self.api.post("/v1/deals", json={"deal": deal, "playbook": DEFAULT_PLAYBOOK})
        assert opened.status_code == 201, opened.text
        await self.api.post(f"/v1/deals/{deal_id}/facts/discount_requested", json={"percent": 15})
        await wait_until(lambda: self._is_open(deal_id, "approval"))
        return deal_id, await self._told_of(deal_id, "approve")

    async def answered_by_the_buyer(self) -> tuple[str, str]:
        """A deal hears a reply that nobody has read; its id, and what Slack names the message about it to Max."""
        deal_id = new_deal_id()
        ana = {"id": "ana", "name": "Ana", "email": f"ana@{deal_id}.example"}
        owners = {"sdr": OWNERS["sales_manager"]}
        deal = {"id": deal_id, "owners": owners, "contacts": [ana], "source": "outbound"}
        opened = await self.api.post("/v1/deals", json={"deal": deal, "playbook": DEFAULT_PLAYBOOK})
        assert opened.status_code == 201, opened.text
        told = {"contact": "ana", "message_id": "m1@buyer.example"}
        await self.api.post(f"/v1/deals/{deal_id}/facts/reply_received", json=told)
        await wait_until(lambda: self._is_open(deal_id, "read_and_decide"))
        return deal_id, await self._told_of(deal_id, "reads.not_now")

    async def _told_of(self, deal_id: str, answer: str) -> str:
        """What Slack names the one message about a deal that has this button."""
        found: list[str] = []

        async def told() -> bool:
            await self.client.execute_workflow(contract.TELL_PEOPLE, id=f"tell-{uuid4().hex}", task_queue=TASK_QUEUE)
            state: Any = await self.slack.state()
            about = [one for one in state["messages"] if answer in dict(buttons_of(one)) and deal_id in texts_of(one)]
            found[:] = [f"message:{one['channel']}/{one['ts']}" for one in about]
            return bool(found)

        await wait_until(told)
        assert len(found) == 1
        return found[0]

    async def _is_open(self, deal_id: str, what: str) -> bool:
        asked = await open_work.list_work(self.store, datetime.now(UTC), WhichWork(deal_id=deal_id))
        return any(what in {one.kind, one.name} for one in asked)

    async def press(self, message: str, answer: str, user: str = "U0MAX", **more: str) -> None:
        """Somebody presses a button."""
        channel, ts = message.removeprefix("message:").split("/")
        value = dict(buttons_of(await message_in(self.slack, message)))[answer]
        await self.slack.change(do="press", user=user, channel=channel, ts=ts, action_id=answer, value=value, **more)

    async def answers(self, deal_id: str) -> list[tuple[str, str]]:
        """What was answered to the deal's approvals, and by whom."""
        story = await self.deals.story(deal_id)
        return [(entry.answer, entry.by) for entry in story if isinstance(entry, ApprovalAnswered)]

    async def settled(self, message: str) -> str:
        """What a message says once it has no buttons left."""

        async def without_buttons() -> bool:
            return "approve" not in dict(buttons_of(await message_in(self.slack, message)))

        await wait_until(without_buttons)
        return texts_of(await message_in(self.slack, message))

    async def presses(self) -> list[IntakeRow]:
        """What came in from Slack, the newest first."""
        return [row for row in await intake.recent(self.store) if row.source == "slack"]

    async def passed_on(self, count: int) -> list[IntakeRow]:
        """So many presses, once they have come in and were passed on."""

        async def all_of_them() -> bool:
            rows = await self.presses()
            return len(rows) >= count and not any(row.state is IntakeState.WAITING for row in rows)

        await wait_until(all_of_them)
        return await self.presses()


@pytest.fixture(scope="module")
async def installation(temporal: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    folder = Path(tmp_path_factory.mktemp("slack"))
    store = Store.open(migrated(folder))
    await bundles.publish_new(store, shipped())
    (port,) = free_ports(1)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        slack = await stack.enter_async_context(
            running_simulator(
                "integrations.slack.simulator", target=f"http://127.0.0.1:{port}/webhooks/slack",
                options={"posts_a_second": "100"},
            )
        )  # fmt: skip
        connections = write_connections(folder, [await slack.connection()])
        settings = Settings(drain_seconds=0, connections=connections, work_channel="slack")
        await stack.enter_async_context(await compose(temporal, store, settings))
        deals = DealClient(temporal)
        options = replace(options_of(settings), api_keys=(KEY,), dispatch=QUICK)
        await stack.enter_async_context(running_server(create_app(options, deals, store), "127.0.0.1", port))
        api = await stack.enter_async_context(
            Api(base_url=f"http://127.0.0.1:{port}", headers={"X-API-Key": KEY}, timeout=60)
        )
        yield Installation(api, temporal, store, slack, deals)


async def test_pressed_twice_and_posted_again_an_approval_is_decided_once(installation: Installation) -> None:
    deal_id, message = await installation.discount_asked_for()
    await installation.slack.switch(duplicate=2, hold=True)
    await installation.press(message, "approve")
    await installation.press(message, "approve")
    await installation.slack.switch(hold=False)
    said = await installation.settled(message)
    rows = await installation.passed_on(2)
    assert await installation.answers(deal_id) == [("approve", "max@seller.example")]
    assert "discount is granted. (max@seller.example)" in said
    assert sorted(row.state for row in rows) == [IntakeState.DISPATCHED, IntakeState.REFUSED]


async def test_who_is_not_asked_decides_nothing_and_hears_why(installation: Installation) -> None:
    deal_id, message = await installation.discount_asked_for()
    before = len(await installation.presses())
    await installation.press(message, "approve", user="U0SAM")
    newest = (await installation.passed_on(before + 1))[0]
    assert newest.state is IntakeState.REFUSED
    assert (newest.last_error or "").startswith("Not taken")
    assert await installation.answers(deal_id) == []
    assert buttons_of(await message_in(installation.slack, message))


async def test_an_answer_over_http_shows_in_slack(installation: Installation) -> None:
    deal_id, message = await installation.discount_asked_for()
    (asked,) = (await installation.api.get(f"/v1/deals/{deal_id}")).json()["open_approvals"]
    about = {"approval": asked["id"], "answer": "refuse", "terms": asked["terms"], "by": "max@seller.example"}
    answered = await installation.api.post(f"/v1/deals/{deal_id}/commands/decide_approval", json=about)
    assert answered.json()["accepted"], answered.text
    assert "refuse by max@seller.example" in await installation.settled(message)


async def test_a_reply_is_read_in_slack_by_whoever_is_asked_and_once(installation: Installation) -> None:
    deal_id, message = await installation.answered_by_the_buyer()
    await installation.slack.switch(duplicate=2, hold=True)
    await installation.press(message, "reads.not_now", note="2027-06-15")
    await installation.slack.switch(hold=False)

    async def is_known() -> bool:
        return (await installation.deals.snapshot(deal_id)).stage == "nurture"

    await wait_until(is_known)
    story = await installation.deals.story(deal_id)
    told = [entry for entry in story if isinstance(entry, FactTaken) and entry.fact == "reply_received"]
    assert [(one.variant, one.by, one.message_id) for one in told] == [
        ("other", None, "m1@buyer.example"), ("not_now", "max@seller.example", "m1@buyer.example"),
    ]  # fmt: skip
    assert told[1].happened_at == told[0].happened_at
