"""Notices in a Slack workspace: where they go, how they read, and that none is posted twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from temporalio.exceptions import ApplicationError

from activities.once_only import Checkpoint
from dealwright.deal import Person
from dealwright.effects import Notify
from integrations.kit.connections import BadConnections
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Unsure
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import chat_of, connections_at
from integrations.slack.chat import SlackChat
from integrations.slack.client import SlackClient
from store.database import Store
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Receiver
from tests.integrations.slack.questions import connection_to
from tests.simulators.forked import running_simulator
from tests.store.samples import NOW

SAM = Person(name="Sam Rivers", email="sam@seller.example")
STRANGER = Person(name="Zoe Far", email="zoe@elsewhere.example")
ANA_IN_SLACK = "U0ANA"


@pytest.fixture
async def chat(slack: RunningSimulator, store: Store) -> AsyncIterator[SlackChat]:
    chat = SlackChat(await connection_to(slack), store)
    yield chat
    await chat.close()


def notice(name: str, *, role: str = "account_executive", owner: Person | None = None, text: str = "No step") -> Notify:
    return Notify(id=f"acme-1/{name}", at=NOW, summary="Tell", role=role, owner=owner, text=text)


async def messages(slack: RunningSimulator, key: str) -> list[dict[str, Any]]:
    state: Any = await slack.state()
    carrying = [one for one in state["messages"] if one["metadata"] is not None]
    return [one for one in carrying if one["metadata"]["event_payload"].get("key") == f"acme-1/{key}"]


async def the_message(slack: RunningSimulator, key: str) -> dict[str, Any]:
    (message,) = await messages(slack, key)
    return message


async def test_a_role_with_a_channel_reads_its_notices_there(chat: SlackChat, slack: RunningSimulator) -> None:
    await (await chat.tell("acme-1", notice("role", role="sales_manager", owner=SAM))).send()
    assert (await the_message(slack, "role"))["channel"] == "C0MANAGERS"


async def test_whoever_holds_another_role_is_told_in_direct_messages(chat: SlackChat, slack: RunningSimulator) -> None:
    await (await chat.tell("acme-1", notice("direct", owner=SAM))).send()
    message = await the_message(slack, "direct")
    state: Any = await slack.state()
    assert state["conversations"][message["channel"]]["user"] == "U0SAM"
    assert message["text"] == "Sam Rivers (account_executive), deal acme-1: No step"


@pytest.mark.parametrize("owner", [None, STRANGER, Person(name="No address")])
async def test_a_notice_for_nobody_in_slack_goes_to_the_channel_for_all(
    chat: SlackChat, slack: RunningSimulator, owner: Person | None
) -> None:
    name = f"all-{owner.name if owner else 'nobody'}"
    await (await chat.tell("acme-1", notice(name, owner=owner))).send()
    assert (await the_message(slack, name))["channel"] == "C0DEALS"


async def test_direct_messages_can_be_switched_off(slack: RunningSimulator, store: Store) -> None:
    chat = SlackChat(await connection_to(slack, direct_messages=False), store)
    await (await chat.tell("acme-1", notice("off", owner=SAM))).send()
    await chat.close()
    assert (await the_message(slack, "off"))["channel"] == "C0DEALS"


async def test_the_settings_say_who_somebody_with_another_address_is(slack: RunningSimulator, store: Store) -> None:
    chat = SlackChat(await connection_to(slack, owners={STRANGER.email: ANA_IN_SLACK}), store)
    await (await chat.tell("acme-1", notice("mapped", owner=STRANGER))).send()
    await chat.close()
    state: Any = await slack.state()
    message = await the_message(slack, "mapped")
    assert state["conversations"][message["channel"]]["user"] == ANA_IN_SLACK


async def test_what_strangers_wrote_calls_nobody(chat: SlackChat, slack: RunningSimulator) -> None:
    await (await chat.tell("acme-1", notice("markup", text="<!channel> <@U0MAX>\n<http://bad.example|ours>"))).send()
    text = (await the_message(slack, "markup"))["text"]
    assert "<" not in text
    assert "\n" not in text


async def test_a_notice_is_never_too_long_for_slack(chat: SlackChat, slack: RunningSimulator) -> None:
    await (await chat.tell("acme-1", notice("long", text="x" * 50_000))).send()
    assert len((await the_message(slack, "long"))["text"]) < 4000


@pytest.mark.parametrize("owner", [None, SAM])
async def test_a_message_whose_answer_was_lost_is_found(
    chat: SlackChat, slack: RunningSimulator, owner: Person | None
) -> None:
    name = f"lost-{owner.name if owner else 'nobody'}"
    delivery = await chat.tell("acme-1", notice(name, owner=owner))
    await slack.switch(only="postMessage", lose_response=1)
    with pytest.raises(Unanswered):
        await delivery.send()
    message = await the_message(slack, name)
    assert delivery.find is not None
    assert await delivery.find() == Found(f"message:{message['channel']}/{message['ts']}")


async def test_a_message_that_was_never_posted_is_known_to_be_absent(chat: SlackChat) -> None:
    delivery = await chat.tell("acme-1", notice("never", owner=SAM))
    assert delivery.find is not None
    assert delivery.idempotency is Idempotency.SEARCHABLE
    assert delivery.visible_after > timedelta(0)
    assert await delivery.find() == Absent()


async def test_a_message_in_direct_messages_is_not_called_absent_once_the_person_has_left(store: Store) -> None:
    async with running_simulator("integrations.slack.simulator") as slack:
        chat = SlackChat(await connection_to(slack), store)
        await (await chat.tell("acme-1", notice("left", owner=SAM))).send()
        await slack.change(do="leave", user="U0SAM")
        again = await chat.tell("acme-1", notice("left", owner=SAM))
        assert again.find is not None
        assert isinstance(await again.find(), Unsure)
        await chat.close()


async def test_a_message_is_found_behind_many_newer_ones(chat: SlackChat, slack: RunningSimulator) -> None:
    first = await (await chat.tell("acme-1", notice("old"))).send()
    async with httpx2.AsyncClient(headers={"Authorization": "Bearer xoxb-local-slack"}, timeout=60) as http:
        for number in range(250):
            body = {"channel": "C0DEALS", "text": str(number)}
            await http.post(f"{slack.url}/api/chat.postMessage", json=body)
    again = await chat.tell("acme-1", notice("old"))
    assert again.find is not None
    assert await again.find() == Found(first)


@pytest.mark.parametrize("switch", ["quota_spent", "expire_token"])
async def test_a_call_that_slack_does_not_take_is_made_again_later(
    chat: SlackChat, slack: RunningSimulator, switch: str
) -> None:
    delivery = await chat.tell("acme-1", notice(switch))
    await slack.switch(only="postMessage", **{switch: 1})
    with pytest.raises(NotHandedOver) as refused:
        await delivery.send()
    assert refused.value.retry_after == (timedelta(seconds=30) if switch == "quota_spent" else None)
    assert await messages(slack, switch) == []


async def test_an_error_inside_slack_may_have_posted(chat: SlackChat, slack: RunningSimulator) -> None:
    delivery = await chat.tell("acme-1", notice("internal"))
    await slack.switch(only="postMessage", server_error=1)
    with pytest.raises(Unanswered):
        await delivery.send()


@pytest.mark.parametrize(
    ("channel", "why"), [("C0PRIVATE", "invite it"), ("C0NOWHERE", "no such channel")]
)  # fmt: skip
async def test_a_channel_that_cannot_be_written_to_is_refused_with_what_to_do(
    slack: RunningSimulator, store: Store, channel: str, why: str
) -> None:
    chat = SlackChat(await connection_to(slack, channel=channel), store)
    with pytest.raises(Refused, match=why):
        await (await chat.tell("acme-1", notice(channel))).send()
    await chat.close()


async def test_a_scope_that_is_missing_is_named(store: Store) -> None:
    options = {"scopes": "chat:write"}
    async with running_simulator("integrations.slack.simulator", options=options) as slack:
        chat = SlackChat(await connection_to(slack), store)
        with pytest.raises(Refused, match=r"lacks the scope users:read.email"):
            await chat.tell("acme-1", notice("scope", owner=SAM))
        await chat.close()


async def test_the_connections_file_makes_slack_the_chat(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    file = tmp_path / "connections.yaml"
    file.write_text("chat: slack\ntools:\n  slack: {token: env:SLACK_BOT_TOKEN, channel: C0123456789}\n")
    chat = chat_of(connections_at(file), store)
    assert isinstance(chat, SlackChat)
    await chat.close()


async def test_a_channel_is_named_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    file = tmp_path / "connections.yaml"
    file.write_text('chat: slack\ntools:\n  slack: {token: env:SLACK_BOT_TOKEN, channel: "#deals"}\n')
    with pytest.raises(BadConnections, match="channel"):
        connections_at(file)


@pytest.mark.parametrize("at", list(Checkpoint))
async def test_killed_anywhere_a_notice_is_posted_once(
    chat: SlackChat, slack: RunningSimulator, store: Store, at: Checkpoint
) -> None:
    effect = notice(f"killed-{at}", owner=SAM)

    async def prepare() -> Delivery:
        return await chat.tell("acme-1", effect)

    worker = Worker(store, Receiver())
    await worker.attempt_until_killed(at, effect, prepare=prepare)
    outcome = await worker.attempt(effect, prepare=prepare, later=timedelta(minutes=1))
    message = await the_message(slack, f"killed-{at}")
    assert (outcome.status, outcome.reference) == ("done", f"message:{message['channel']}/{message['ts']}")


@pytest.mark.parametrize("fault", ["lose_response", "bad_gateway", "lose_request"])
async def test_a_call_without_an_answer_posts_once(
    chat: SlackChat, slack: RunningSimulator, store: Store, fault: str
) -> None:
    effect = notice(fault, owner=SAM)

    async def prepare() -> Delivery:
        return await chat.tell("acme-1", effect)

    worker = Worker(store, Receiver())
    await slack.switch(only="postMessage", **{fault: 1})
    with pytest.raises(ApplicationError, match="not known yet"):
        await worker.attempt(effect, prepare=prepare)
    assert (await worker.attempt(effect, prepare=prepare, later=timedelta(minutes=1))).status == "done"
    await the_message(slack, fault)


async def test_no_more_calls_are_made_than_the_connection_allows(slack: RunningSimulator, store: Store) -> None:
    client = SlackClient(await connection_to(slack, calls_a_minute=1), store)
    before = len(await slack.calls("users.info"))
    await client.member(ANA_IN_SLACK)
    with pytest.raises(NotHandedOver, match="no more calls"):
        await client.member(ANA_IN_SLACK)
    assert len(await slack.calls("users.info")) == before + 1
    await client.close()
