"""Twilio's API of 2010-04-01, as far as the simulator has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.twilio.simulator.account import Account, JsonObject, Message, new_sid

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST = 1600
_FIELDS = frozenset({"To", "From", "MessagingServiceSid", "Body", "StatusCallback"})
Sent = Callable[[Message], None]


def problem(status: int, code: int, message: str) -> Response:
    """An error as Twilio writes it."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status)


class Api:
    """The paths. ``sent`` hears of each message that was taken."""

    def __init__(self, account: Account, sid: str, sender: str, now: Callable[[], datetime], sent: Sent) -> None:
        self._account, self._sid, self._sender, self._now, self._sent = account, sid, sender, now, sent

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        base = f"/2010-04-01/Accounts/{self._sid}"
        return [
            Route(f"{base}.json", self._show),
            Route(f"{base}/Messages.json", self._messages, methods=["GET"]),
            Route(f"{base}/Messages.json", self._send, methods=["POST"]),
            Route(f"{base}/Calls.json", self._calls),
        ]

    async def _show(self, _: Request) -> Response:
        return JSONResponse({"sid": self._sid, "status": "active", "friendly_name": "Simulated", "type": "Full"})

    async def _send(self, request: Request) -> Response:
        async with request.form() as form:
            said = {name: str(value) for name, value in form.items()}
        if (refused := self._refused(said)) is not None:
            return refused
        made = Message(
            sid=new_sid("SM"), sender=said.get("From", self._sender), to=said["To"], body=said["Body"],
            direction="outbound-api", status="queued", created=self._now(), callback=said.get("StatusCallback", ""),
        )  # fmt: skip
        self._account.messages[made.sid] = made
        shown = made.shown(self._sid) | {"date_sent": None}
        self._sent(made)
        return JSONResponse(shown, 201)

    def _refused(self, said: dict[str, str]) -> Response | None:
        """In the order in which Twilio looks."""
        if not said.get("To"):
            return problem(400, 21604, "A 'To' phone number is required.")
        if unknown := said.keys() - _FIELDS:
            return problem(400, 20001, f"Unknown parameters: {', '.join(sorted(unknown))}")
        if not _E164.fullmatch(said["To"]):
            return problem(400, 21211, f"The 'To' number {said['To']} is not a valid phone number.")
        if not said.get("From") and not said.get("MessagingServiceSid"):
            return problem(400, 21603, "A 'From' phone number is required.")
        if said.get("From") not in {None, self._sender}:
            return problem(400, 21606, f"The 'From' phone number {said['From']} is not a valid, SMS-capable number.")
        if not said.get("Body"):
            return problem(400, 21602, "Message body is required.")
        if len(said["Body"]) > _LONGEST:
            return problem(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
        if said["To"] in self._account.opted_out:
            return problem(400, 21610, "Attempt to send to unsubscribed recipient")
        return None

    async def _messages(self, request: Request) -> Response:
        asked = request.query_params
        found = [one for one in self._account.messages.values() if asked.get("To") in {None, one.to}]
        found = [one for one in found if _since(asked.get("DateSent>")) <= one.created]
        found.sort(key=lambda one: one.created, reverse=True)
        return self._page(request, "messages", [one.shown(self._sid) for one in found])

    async def _calls(self, request: Request) -> Response:
        since = _since(request.query_params.get("StartTime>"))
        found = [one for one in self._account.calls.values() if one.began >= since]
        found.sort(key=lambda one: one.began, reverse=True)
        return self._page(request, "calls", [one.shown(self._sid) for one in found])

    def _page(self, request: Request, name: str, found: list[JsonObject]) -> Response:
        asked = request.query_params
        size, page = int(asked.get("PageSize", "50")), int(asked.get("Page", "0"))
        there = found[page * size : (page + 1) * size]
        following = {**asked, "Page": str(page + 1), "PageToken": f"PA{there[-1]['sid']}"} if there else {}
        left = len(found) > (page + 1) * size
        uri = f"{request.url.path}?{urlencode(following)}" if left else None
        return JSONResponse({name: there, "page": page, "page_size": size, "next_page_uri": uri})


def _since(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)
