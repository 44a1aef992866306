"""The simulated workspace keeps to what Slack documents, where Dealwright relies on it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from integrations.kit.simulator.process import RunningSimulator, SimulatorFailed
from local.webhook_receiver import WebhookReceiver
from tests.simulators.forked import running_simulator

TOKEN = {"Authorization": "Bearer xoxb-local-slack"}
BUTTON = {"type": "button", "action_id": "yes", "text": {"type": "plain_text", "text": "Yes"}, "value": "w1"}
ASKED = [{"type": "actions", "block_id": "answer", "elements": [BUTTON]}]


async def called(slack: RunningSimulator, method: str, **given: Any) -> Any:
    async with httpx2.AsyncClient(headers=TOKEN, timeout=60) as http:
        if method.startswith(("users.", "conversations.history")):
            return (await http.get(f"{slack.url}/api/{method}", params=given)).json()
        return (await http.post(f"{slack.url}/api/{method}", json=given)).json()


async def posted(slack: RunningSimulator, **more: Any) -> Any:
    answer = await called(slack, "chat.postMessage", channel="C0DEALS", text="Yes or no?", **more)
    assert answer["ok"], answer
    return answer


@pytest.mark.parametrize(
    ("method", "given", "error"),
    [
        ("chat.postMessage", {"channel": "C0NOWHERE", "text": "hi"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0PRIVATE", "text": "hi"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "C0DEALS"}, "no_text"),
        ("chat.postMessage", {"channel": "C0DEALS", "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": "C0DEALS", "text": "hi", "metadata": {"a": 1}}, "invalid_metadata_format"),
        ("chat.postMessage", {"channel": "C0DEALS", "text": "hi", "blocks": [{"type": "sofa"}]}, "invalid_blocks"),
        ("chat.update", {"channel": "C0DEALS", "ts": "1.2", "text": "hi"}, "message_not_found"),
        ("users.lookupByEmail", {"email": "nobody@seller.example"}, "users_not_found"),
        ("chat.shout", {}, "unknown_method"),
    ],
)
async def test_a_call_is_refused_with_status_200(
    slack: RunningSimulator, method: str, given: dict[str, Any], error: str
) -> None:
    assert await called(slack, method, **given) == {"ok": False, "error": error}


async def test_history_has_metadata_when_asked_for(slack: RunningSimulator) -> None:
    metadata = {"event_type": "dealwright", "event_payload": {"key": "k1"}}
    made = await posted(slack, metadata=metadata)
    bare = await called(slack, "conversations.history", channel="C0DEALS", limit=1)
    whole = await called(slack, "conversations.history", channel="C0DEALS", limit=1, include_all_metadata="true")
    assert "metadata" not in bare["messages"][0]
    assert (whole["messages"][0]["ts"], whole["messages"][0]["metadata"]) == (made["ts"], metadata)


async def test_history_comes_in_pages_newest_first(slack: RunningSimulator) -> None:
    first, second = await posted(slack), await posted(slack)
    page = await called(slack, "conversations.history", channel="C0DEALS", limit=1)
    cursor = page["response_metadata"]["next_cursor"]
    following = await called(slack, "conversations.history", channel="C0DEALS", limit=1, cursor=cursor)
    assert [page["messages"][0]["ts"], following["messages"][0]["ts"]] == [second["ts"], first["ts"]]


async def test_a_person_is_reached_in_direct_messages(slack: RunningSimulator) -> None:
    found = await called(slack, "users.lookupByEmail", email="Sam@seller.example")
    opened = await called(slack, "conversations.open", users=found["user"]["id"])
    again = await called(slack, "conversations.open", users=found["user"]["id"])
    assert opened == again
    assert (await called(slack, "chat.postMessage", channel=opened["channel"]["id"], text="hi"))["ok"]


async def test_a_press_is_posted_signed_as_a_form(slack: RunningSimulator, gateway_door: WebhookReceiver) -> None:
    made, before = await posted(slack, blocks=ASKED), len(gateway_door.requests)
    await slack.change(do="press", user="U0MAX", channel="C0DEALS", ts=made["ts"], action_id="yes")
    await slack.deliver()
    await gateway_door.has(before + 1)
    headers, body = gateway_door.requests[before]
    seconds = headers["x-slack-request-timestamp"]
    signed = f"v0:{seconds}:".encode() + body
    expected = hmac.new(b"local-slack-secret", signed, hashlib.sha256).hexdigest()
    assert headers["x-slack-signature"] == f"v0={expected}"
    payload = json.loads(parse_qs(body.decode())["payload"][0])
    assert (payload["type"], payload["user"]["id"]) == ("block_actions", "U0MAX")
    assert (payload["actions"][0]["value"], payload["container"]["message_ts"]) == ("w1", made["ts"])


async def test_a_press_that_is_not_taken_is_not_posted_again(
    slack: RunningSimulator, gateway_door: WebhookReceiver
) -> None:
    made, gateway_door.answers = await posted(slack, blocks=ASKED), [500]
    press: Any = await slack.change(do="press", user="U0MAX", channel="C0DEALS", ts=made["ts"], action_id="yes")
    await slack.deliver()
    assert (await slack.webhooks()).lost[-1] == press


async def test_a_button_that_is_not_there_cannot_be_pressed(slack: RunningSimulator) -> None:
    made = await posted(slack)
    with pytest.raises(SimulatorFailed, match="no button"):
        await slack.change(do="press", user="U0MAX", channel="C0DEALS", ts=made["ts"], action_id="yes")


async def test_a_press_is_answered_five_times_at_most(slack: RunningSimulator) -> None:
    made = await posted(slack, blocks=ASKED)
    press: Any = await slack.change(do="press", user="U0MAX", channel="C0DEALS", ts=made["ts"], action_id="yes")
    async with httpx2.AsyncClient(timeout=60) as http:
        answers = [await http.post(press["response_url"], json={"text": f"no {time}"}) for time in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    state: Any = await slack.state()
    assert [one["text"] for one in state["whispers"] if one["user"] == "U0MAX"][-1] == "no 4"


async def test_a_second_message_within_a_second_is_too_many() -> None:
    async with running_simulator("integrations.slack.simulator") as slow, httpx2.AsyncClient(headers=TOKEN) as http:
        for channel in ("C0DEALS", "C0MANAGERS"):
            await http.post(f"{slow.url}/api/chat.postMessage", json={"channel": channel, "text": "one"})
        answer = await http.post(f"{slow.url}/api/chat.postMessage", json={"channel": "C0DEALS", "text": "two"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


async def test_a_scope_that_is_missing_is_named() -> None:
    options = {"scopes": "chat:write"}
    async with running_simulator("integrations.slack.simulator", options=options) as bare:
        answer = await called(bare, "users.lookupByEmail", email="sam@seller.example")
    assert answer == {
        "ok": False, "error": "missing_scope", "needed": "users:read.email", "provided": "chat:write"
    }  # fmt: skip


async def test_a_press_without_a_message_is_of_the_newest_one_to_whoever_presses(slack: RunningSimulator) -> None:
    asking = {"text": "Yes or no?", "blocks": ASKED}
    _, newest, _ = [
        await called(slack, "chat.postMessage", channel=f"U0{who}", **asking) for who in ("SAM", "SAM", "MAX")
    ]
    await called(slack, "chat.postMessage", channel="U0SAM", text="No button")

    pressed: Any = await slack.change(do="press", user="U0SAM", action_id="yes")

    assert pressed["container"]["message_ts"] == newest["ts"]


async def test_a_press_of_a_button_that_nobody_has_is_refused(slack: RunningSimulator) -> None:
    with pytest.raises(SimulatorFailed, match="no direct message of U0ANA has a button 'dance'"):
        await slack.change(do="press", user="U0ANA", action_id="dance")
