"""A Twilio account with its API, the people who answer and call, the networks, and its webhooks."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.kit.simulator.simulator import BadChange, ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches
from integrations.twilio.opt_out_words import START_WORDS, STOP_WORDS
from integrations.twilio.simulator.account import Account, Message, PhoneCall, new_sid
from integrations.twilio.simulator.api import Api, problem
from integrations.twilio.simulator.webhook_rules import TwilioWebhooks

ACCOUNT = "AC" + "0" * 31 + "1"


class TwilioOptions(SimulatorOptions):
    """The account's auth token, and the number that messages come from."""

    token: str = "twilio-auth-token-local"  # noqa: S105 - of a simulator
    number: str = "+14155550199"


class TwilioSimulator(Simulator[Account, TwilioOptions]):
    """A Twilio account. What it sends arrives at once, unless the number is one that fails."""

    name: ClassVar[str] = "twilio"
    title: ClassVar[str] = "Twilio"

    def __init__(self, options: TwilioOptions, state: Account) -> None:
        super().__init__(options, state, Switches(), TwilioWebhooks(options.token))

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        return cls(TwilioOptions.model_validate(options), Account.model_validate_json(kept) if kept else Account())

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return Api(self.state, ACCOUNT, self.options.number, self.now, self._deliver).routes()

    def refusal(self, request: Request) -> Response | None:
        """401 without the auth token."""
        right = base64.b64encode(f"{ACCOUNT}:{self.options.token}".encode()).decode()
        return None if request.headers.get("authorization") == f"Basic {right}" else self.answer_to("expire_token")

    def answer_to(self, fault: str) -> Response:
        """In Twilio's words."""
        match fault:
            case "quota_spent":
                return problem(429, 20429, "Too Many Requests")
            case "expire_token":
                return problem(401, 20003, "Authenticate")
            case _:
                return problem(500, 20500, "An internal server error has occurred")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What people, and networks, do.

        ``{"do": "text", "from": "+1…", "body": "…"}``: somebody answers. ``{"do": "call", "number": "+1…",
        "status": "completed", "seconds": 60, "inbound": false}``: a call ended. ``{"do": "break", "number": "+1…",
        "error": 30005}``: from now on nothing arrives there.
        """
        number = str(change.get("from") or change.get("number") or "")
        if not number.startswith("+"):
            raise BadChange("from, or number, is a phone number in E.164")
        match change.get("do"):
            case "text":
                return self._answer(number, str(change.get("body", "")))
            case "call":
                return self._call(number, change)
            case "break":
                self.state.fails_with[number] = int(str(change.get("error", 30005)))
                return None
        raise BadChange("do is one of text, call, break")

    def connection(self, address: str) -> ConnectionExample:
        """The block ``twilio``."""
        return ConnectionExample(
            source=self.name,
            block={
                "account_sid": ACCOUNT,
                "auth_token": "secret:token",
                "webhook_secrets": ["secret:token"],
                "sender": self.options.number,
                "base_url": address,
                **({"webhook_url": self.options.target} if self.options.target else {}),
            },
            secrets={"token": self.options.token},
        )

    def _answer(self, number: str, body: str) -> JsonValue:
        made = Message(
            sid=new_sid("SM"), sender=number, to=self.options.number, body=body, direction="inbound",
            status="received", created=self.now(),
        )  # fmt: skip
        self.state.messages[made.sid] = made
        word = body.strip().upper()
        if word in STOP_WORDS and number not in self.state.opted_out:
            self.state.opted_out.append(number)
        elif word in START_WORDS and number in self.state.opted_out:
            self.state.opted_out.remove(number)
        self.webhooks.add(
            self.options.target,
            {
                "MessageSid": made.sid, "SmsSid": made.sid, "SmsStatus": "received", "AccountSid": ACCOUNT,
                "From": number, "To": made.to, "Body": body, "NumMedia": "0", "NumSegments": "1",
                "ApiVersion": "2010-04-01",
            },
        )  # fmt: skip
        return made.shown(ACCOUNT)

    def _call(self, number: str, change: dict[str, JsonValue]) -> JsonValue:
        inbound = change.get("inbound") is True
        ends = (number, self.options.number) if inbound else (self.options.number, number)
        made = PhoneCall(
            sid=new_sid("CA"), sender=ends[0], to=ends[1], direction="inbound" if inbound else "outbound-api",
            status=str(change.get("status", "completed")), seconds=int(str(change.get("seconds", 60))),
            began=self.now(),
        )  # fmt: skip
        self.state.calls[made.sid] = made
        shown = made.shown(ACCOUNT)
        self.webhooks.add(
            self.options.target,
            {
                "CallSid": made.sid, "AccountSid": ACCOUNT, "From": made.sender, "To": made.to,
                "CallStatus": made.status, "CallDuration": str(made.seconds), "Direction": made.direction,
                "Timestamp": shown["start_time"], "ApiVersion": "2010-04-01",
            },
        )  # fmt: skip
        return shown

    def _deliver(self, made: Message) -> None:
        error = self.state.fails_with.get(made.to)
        made.status, made.error_code = ("undelivered", error) if error else ("delivered", None)
        for status in ("sent", made.status):
            said: dict[str, JsonValue] = {
                "MessageSid": made.sid, "SmsSid": made.sid, "MessageStatus": status, "SmsStatus": status,
                "AccountSid": ACCOUNT, "From": made.sender, "To": made.to, "ApiVersion": "2010-04-01",
            }  # fmt: skip
            if status == made.status and error:
                said["ErrorCode"] = str(error)
            if made.callback:
                self.webhooks.add(made.callback, said)
