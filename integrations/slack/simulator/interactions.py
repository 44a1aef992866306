"""Pressed buttons: the signed post that tells the app, and the address at which the app answers the presser."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlencode

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.kit.simulator.simulator import BadChange
from integrations.kit.simulator.switches import Switches
from integrations.kit.simulator.webhooks import SignedWebhook
from integrations.slack.simulator.blocks import checked_blocks
from integrations.slack.simulator.errors import SlackError
from integrations.slack.simulator.workspace import APP, TEAM, Message, ResponseUrl, Whisper, Workspace

_MOST_USES, _GOOD_FOR = 5, timedelta(minutes=30)


class SlackSwitches(Switches):
    """What Slack does otherwise than we think."""

    posts_again: bool = False
    """Whether it posts a press that was not taken again, as it does events: at once, after one and five minutes."""


class InteractionPosts:
    """One post for each press. Slack makes one attempt: who pressed sees that it failed.

    Its documentation tells of further attempts for the Events API alone
    (https://docs.slack.dev/apis/events-api/#retries), and of the error that people see
    (https://docs.slack.dev/interactivity/handling-user-interaction/#acknowledgment_response).
    """

    largest_batch = 1
    pauses: tuple[float, ...] = (0, 60, 300)

    def __init__(self, signing_secret: str, switches: SlackSwitches) -> None:
        self._secret, self._switches = signing_secret, switches

    @property
    def most_attempts(self) -> int:
        """One, as long as it behaves."""
        return 1 + len(self.pauses) if self._switches.posts_again else 1

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:
        """A form with the field ``payload``."""
        body = urlencode({"payload": json.dumps(events[0], separators=(",", ":"))}).encode()
        seconds = str(int(at.timestamp()))
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "user-agent": "Slackbot 1.0 (simulator)",
            "x-slack-request-timestamp": seconds,
            "x-slack-signature": signature_v0(self._secret, body, seconds),
        }
        if attempt:
            headers |= {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": "http_error"}
        return SignedWebhook(target, headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """200."""
        return status == 200  # noqa: PLR2004 - what Slack wants

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - whatever it was
        """Never: attempts are counted."""
        return False


def signature_v0(secret: str, body: bytes, seconds: str) -> str:
    """``X-Slack-Signature``: HMAC-SHA256 over version, timestamp and raw body, in hex."""
    return "v0=" + hmac.digest(secret.encode(), f"v0:{seconds}:".encode() + body, hashlib.sha256).hex()


class Interactions:
    """People who press buttons, and what they are told."""

    def __init__(self, workspace: Workspace, now: Callable[[], datetime]) -> None:
        self._workspace, self._now = workspace, now

    def press(self, change: dict[str, JsonValue], address: str) -> dict[str, JsonValue]:
        """What Slack posts when somebody (``user``) presses a button (``action_id``) of a message (``channel, ts``).

        Of several such buttons ``value`` says which; ``note`` is what they wrote before into all of its fields. Without
        a message it is the newest one in their direct messages that has the button.

        Raises:
            BadChange: the button is not there, or nobody is.
        """
        user = self._workspace.users.get(str(change.get("user")))
        if user is None:
            raise BadChange("user is to be the id of somebody in the workspace")
        message, block_id, button = self._pressed(user.id, change)
        token = f"{self._workspace.new_number():024d}"
        self._workspace.response_urls[token] = ResponseUrl(
            channel=message.channel, ts=message.ts, user=user.id, made_at=self._now()
        )
        action: dict[str, JsonValue] = {
            **button, "block_id": block_id, "action_ts": self._workspace.new_ts(self._now())
        }  # fmt: skip
        return {
            "type": "block_actions", "api_app_id": APP, "trigger_id": f"{token}.trigger",
            "team": {"id": TEAM, "domain": "simulated"},
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": TEAM},
            "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel},
            "channel": {"id": message.channel, "name": "directmessage"},
            "message": message.shown(with_metadata=True),
            "response_url": f"{address}/actions/{TEAM}/{token}", "actions": [action],
            "state": {"values": _written(message, change.get("note"))},
        }  # fmt: skip

    def _pressed(self, user: str, change: dict[str, JsonValue]) -> tuple[Message, str, dict[str, JsonValue]]:
        action_id, value = str(change.get("action_id")), change.get("value")
        if change.keys() & {"channel", "ts"}:
            try:
                message = self._workspace.message(str(change.get("channel")), str(change.get("ts")))
            except SlackError as error:
                raise BadChange(str(error)) from None
            return message, *_button(message, action_id, value)
        for message in reversed(self._workspace.messages):
            if self._workspace.conversations[message.channel].user == user:
                with suppress(BadChange):
                    return message, *_button(message, action_id, value)
        raise BadChange(f"no direct message of {user} has a button {action_id!r}")

    def routes(self) -> Sequence[BaseRoute]:
        """Where presses are answered: no token is asked for, the address is the secret."""
        return [Route("/actions/{team}/{token}", self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        place = self._workspace.response_urls.get(request.path_params["token"])
        if place is None:
            return JSONResponse({"ok": False, "error": "invalid_url"}, 404)
        if place.uses >= _MOST_USES or self._now() - place.made_at > _GOOD_FOR:
            error = "used_url" if place.uses >= _MOST_USES else "expired_url"
            return JSONResponse({"ok": False, "error": error}, 404)
        given = from_json(await request.body())
        try:
            blocks = checked_blocks(given.get("blocks"))
        except SlackError as error:
            return error.response()
        place.uses += 1
        text = str(given.get("text") or "")
        if given.get("replace_original") is True:
            message = self._workspace.message(place.channel, place.ts)
            message.text, message.blocks, message.edits = text, blocks, message.edits + 1
        else:
            self._workspace.whispers.append(Whisper(channel=place.channel, user=place.user, text=text))
        return PlainTextResponse("ok")


def _button(message: Message, action_id: str, value: JsonValue) -> tuple[str, dict[str, JsonValue]]:
    for number, block in enumerate(message.blocks):
        match block:
            case {"type": "actions", "elements": list(elements), **more}:
                for element in elements:
                    if not isinstance(element, dict) or element.get("action_id") != action_id:
                        continue
                    if value in (None, element.get("value")):
                        return str(more.get("block_id") or f"block{number}"), element
    raise BadChange(f"the message has no button {action_id!r}")


def _written(message: Message, note: JsonValue) -> dict[str, JsonValue]:
    fields: dict[str, JsonValue] = {}
    for number, block in enumerate(message.blocks):
        match block:
            case {"type": "input", "element": {"action_id": str(action_id)}, **more}:
                given: JsonValue = {"type": "plain_text_input", "value": note}
                fields[str(more.get("block_id") or f"block{number}")] = {action_id: given}
    return fields
