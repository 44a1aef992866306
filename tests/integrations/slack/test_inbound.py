"""What Slack posts to the gateway: that it is Slack, and what is kept of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.meaning import GIVES_COMMAND
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.registry import shipped_mappings
from integrations.slack.inbound import SlackInteractions
from store.database import Store
from store.intake import IntakeState
from tests.integrations.slack.questions import read_press

# The vector of python-slack-sdk, tests/slack_sdk/signature/test_signature_verifier.py.
SECRET, AT = "8f742231b10e8888abcd99yyyzzz85a5", datetime.fromtimestamp(1531420618, UTC)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
QUESTION = "0123456789abcdef0123456789abcdef"


def pressed(**changed: Any) -> dict[str, Any]:
    """An interaction as Slack posts it (bolt-python, tests/scenario_tests/test_block_actions.py), in short."""
    return {
        "type": "block_actions",
        "user": {"id": "W99999", "username": "primary-owner", "name": "primary-owner", "team_id": "T111"},
        "api_app_id": "A111",
        "token": "verification_token",
        "container": {"type": "message", "message_ts": "111.222", "channel_id": "C111", "is_ephemeral": False},
        "trigger_id": "111.222.valid",
        "team": {"id": "T111", "domain": "workspace-domain"},
        "channel": {"id": "C111", "name": "test-channel"},
        "response_url": "https://hooks.slack.com/actions/T111/111/random-value",
        "state": {"values": {f"{QUESTION}.reason": {"reason": {"type": "plain_text_input", "value": " Too much "}}}},
        "actions": [{"action_id": "refuse", "block_id": "b", "value": QUESTION, "type": "button", "action_ts": "1.5"}],
        **changed,
    }


async def check(signature: str, at: datetime, body: bytes = BODY) -> None:
    headers = {"x-slack-signature": signature, "x-slack-request-timestamp": "1531420618"}
    auth = shipped_mappings()["slack"].auth
    await verifier_for("slack", auth, [SECRET]).check(WebhookRequest("POST", "https://us", headers, body), at)


async def test_the_vector_that_slack_publishes_passes() -> None:
    await check(SIGNATURE, AT)


@pytest.mark.parametrize(
    ("signature", "late", "body"),
    [
        (SIGNATURE, timedelta(seconds=301), BODY),
        (SIGNATURE, timedelta(seconds=-301), BODY),
        (SIGNATURE, timedelta(0), BODY + b"&more=1"),
        (SIGNATURE.removeprefix("v0="), timedelta(0), BODY),
        ("v0=", timedelta(0), BODY),
    ],
)
async def test_what_is_old_or_of_the_future_or_changed_does_not(signature: str, late: timedelta, body: bytes) -> None:
    with pytest.raises(InvalidSignature):
        await check(signature, AT + late, body)


async def test_a_press_is_kept_as_a_command_with_what_was_written(store: Store) -> None:
    (event,) = await read_press(store, pressed())
    assert (event.fact, event.deal_ref, event.state) == (GIVES_COMMAND, QUESTION, IntakeState.WAITING)
    assert event.payload["what"] == {
        "question": QUESTION, "answer": "refuse", "user": "W99999", "channel": "C111", "note": "Too much"
    }  # fmt: skip


async def test_nothing_is_kept_that_lets_anybody_write_in_slack(store: Store) -> None:
    (event,) = await read_press(store, pressed())
    kept = json.dumps(event.payload)
    assert not any(secret in kept for secret in ("hooks.slack.com", "verification_token", "valid"))


async def test_a_press_that_is_posted_again_has_the_same_id_and_another_press_another(store: Store) -> None:
    (first,), (again,) = await read_press(store, pressed()), await read_press(store, pressed(trigger_id="other"))
    by_another, later = dict(pressed()), dict(pressed())
    by_another["user"] = {"id": "W1"}
    later["actions"] = [{**later["actions"][0], "action_ts": "1.6"}]
    ids = {first.event_id, *[(await read_press(store, other))[0].event_id for other in (by_another, later)]}
    assert again.event_id == first.event_id
    assert len(ids) == 3


async def test_a_button_that_only_leads_somewhere_is_passed_over(store: Store) -> None:
    (event,) = await read_press(store, pressed(actions=[{"action_id": "open", "action_ts": "1.5", "type": "button"}]))
    assert event.state is IntakeState.SKIPPED


async def test_other_interactions_are_passed_over(store: Store) -> None:
    (event,) = await read_press(store, {"type": "view_submission", "user": {"id": "W1"}})
    assert event.state is IntakeState.SKIPPED


@pytest.mark.parametrize(
    "body", [b"payload=%7B", b"payload=%5B%5D", b"other=1", b"\xff", b"payload=%7B%22type%22%3A1%7D"]
)
async def test_what_is_no_interaction_is_unreadable(store: Store, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    source = shipped_mappings()["slack"].with_settings({}, None)
    with pytest.raises(Unreadable):
        await SlackInteractions(None)(WebhookRequest("POST", "https://us", headers, body), source, store)
