"""Twilio's webhooks and lists put into one form: what somebody answered, what did not arrive, who was called.

Each is told once under the SID of its message or call, whichever way it came. Webhooks of messages have no time: what
they tell happened when it came.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pydantic import JsonValue

from dealwright.values.phone_numbers import e164
from integrations.twilio.answers import NO_SUCH_NUMBER, OPTED_OUT
from integrations.twilio.client import moment
from integrations.twilio.opt_out_words import HELP_WORDS, START_WORDS, STOP_WORDS

Told: TypeAlias = dict[str, JsonValue]
_UNDELIVERED = frozenset({"undelivered", "failed"})
_ENDED = {"completed": "connected", "busy": "no_answer", "no-answer": "no_answer", "failed": "no_answer"}
"""How calls end; one that was cancelled reached nobody, and nobody heard it."""
_MACHINES = frozenset({"machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other"})


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call as Twilio tells it, in a request or a list."""

    sid: str
    status: str
    direction: str
    caller: str
    called: str
    seconds: str | None
    answered_by: str | None
    at: datetime | None


def of_webhook(fields: Mapping[str, str], query: Mapping[str, str]) -> Told:
    """What a request tells. ``query`` is what we wrote into its URL ourselves."""
    if "CallSid" in fields:
        return _call(
            Call(
                sid=fields["CallSid"], status=fields.get("CallStatus", ""), direction=fields.get("Direction", ""),
                caller=fields.get("From", ""), called=fields.get("To", ""), seconds=fields.get("CallDuration"),
                answered_by=fields.get("AnsweredBy"), at=moment(fields.get("Timestamp")),
            )
        )  # fmt: skip
    sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
    if "MessageStatus" in fields:
        told = _status(sid, fields.get("To", ""), fields["MessageStatus"], fields.get("ErrorCode"), None)
        ours = {name: query[name] for name in ("effect", "deal") if query.get(name)}
        return {**told, "ours": {**ours}}
    if sid and "Body" in fields:
        return _answer(sid, fields.get("From", ""), fields["Body"], fields.get("OptOutType"), None)
    return {"kind": "unknown", "sid": sid or "unknown"}


def of_message(item: Mapping[str, JsonValue]) -> Told:
    """What a message in the list of messages tells."""
    sid, text = str(item.get("sid")), {name: str(item.get(name) or "") for name in ("from", "to", "body", "status")}
    at = moment(str(item.get("date_sent") or item.get("date_created") or ""))
    if item.get("direction") == "inbound":
        return _answer(sid, text["from"], text["body"], None, at)
    error = item.get("error_code")
    return _status(sid, text["to"], text["status"], str(error) if error else None, None)


def of_call(item: Mapping[str, JsonValue]) -> Told:
    """What a call in the list of calls tells."""
    said = {name: str(value) for name, value in item.items() if value not in (None, "")}
    return _call(
        Call(
            sid=said["sid"], status=said.get("status", ""), direction=said.get("direction", ""),
            caller=said.get("from", ""), called=said.get("to", ""), seconds=said.get("duration"),
            answered_by=said.get("answered_by"), at=moment(said.get("start_time")),
        )
    )  # fmt: skip


def _answer(sid: str, number: str, body: str, opt_out: str | None, at: datetime | None) -> Told:
    told: Told = {"sid": sid, "number": e164(number), "body": body, "at": at.isoformat() if at else None}
    word = re.sub(r"[^A-Z]", "", body.upper())
    match opt_out:
        case "STOP" | "START" | "HELP":
            kind = opt_out.lower()
        case _:
            lists = {"stop": STOP_WORDS, "start": START_WORDS, "help": HELP_WORDS}
            kind = next((name for name, words in lists.items() if word in words), "reply")
    return {**told, "kind": kind if told["number"] else "unknown"}


def _status(sid: str, number: str, status: str, error: str | None, at: datetime | None) -> Told:
    told: Told = {"sid": sid, "number": e164(number), "at": at.isoformat() if at else None}
    if status not in _UNDELIVERED:
        return {**told, "kind": "on its way"}
    code = int(error) if error and error.isdecimal() else 0
    if code == OPTED_OUT:
        return {**told, "kind": "stop", "body": "The network says that they opted out (21610)."}
    how = "hard" if code in NO_SUCH_NUMBER else "soft"
    return {**told, "kind": "undelivered", "how": how, "body": f"Twilio: {status} ({code})"}


def _call(call: Call) -> Told:
    inbound = call.direction == "inbound"
    number = e164(call.caller if inbound else call.called)
    result = "voicemail" if call.answered_by in _MACHINES else _ENDED.get(call.status)
    if number is None or result is None:
        return {"kind": "on its way" if result is None else "unknown", "sid": call.sid}
    told: Told = {"sid": call.sid, "number": number, "at": call.at.isoformat() if call.at else None}
    if inbound and result != "connected":
        return {**told, "kind": "missed", "body": "They called, and reached nobody: call them back."}
    lasted = f", {call.seconds} s" if call.seconds and call.seconds != "0" else ""
    return {
        **told, "kind": "call", "how": result, "direction": "in" if inbound else "out",
        "body": f"{'They called' if inbound else 'We called'}{lasted}.",
    }  # fmt: skip
