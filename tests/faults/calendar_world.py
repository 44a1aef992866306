"""A world of meetings: buyers book in Calendly, sellers in Google Calendar; all write mail, and read Slack."""

from __future__ import annotations

import asyncio
import base64
import json
import smtplib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import httpx2
from aiosmtpd.smtp import SMTP, Envelope, Session
from typing_extensions import override

from dealwright.deal import Meeting
from dealwright.entries import FactTaken
from integrations.kit.simulator.process import RunningSimulator
from local.mailbox import LocalMailbox, ReceivedMail
from store import bundles
from tests.faults.tool_world import ToolWorld

SAM, BEA = "sam@seller.example", "bea@buyer.example"
ANSWERED, DEMO_BOOKED, DEMO_OFF = "The buyer has answered.", "A demo is booked.", "The demo was called off."
_DOMAIN, _LOGIN = "in.seller.example", "post-office:a-password-of-the-tests"
_PLAYBOOK = f"""
playbook: meetings
calendar: {{hours: "Mon-Sun 00:00-24:00"}}
roles:
  rep: {{title: Whoever sells}}
ends:
  - {{when: deal_lost, as: lost}}
stages:
  - name: talking
    owner: rep
    leave_when: contract_signed
    stalls_after: 400d
    plays:
      - {{name: hello, on: lead_qualified, do: [{{email: hello}}]}}
      - {{name: answered, on: reply_received, do: [{{notify: rep, text: {ANSWERED}}}]}}
      - {{name: meeting, on: meeting_booked, do: [{{task: prepare_the_meeting}}]}}
      - {{name: demo, on: demo_booked, do: [{{notify: rep, text: {DEMO_BOOKED}}}]}}
      - {{name: demo-off, on: demo_cancelled, do: [{{notify: rep, text: {DEMO_OFF}}}]}}
"""
_LETTER = "Subject: Hello\n\nHello {{ contact.name }}.\n\n{{ unsubscribe_url }}\n"


@dataclass
class CalendarWorld(ToolWorld):
    """One installation, connected to Google Calendar, Calendly and Slack, with a mail server of its own for answers."""

    @property
    def google(self) -> RunningSimulator:
        """Sam's and Ana's calendars."""
        return self.simulators["google_calendar"]

    @property
    def calendly(self) -> RunningSimulator:
        """Where buyers book."""
        return self.simulators["calendly"]

    @override
    async def prepare(self) -> None:
        files = {"playbook.yaml": _PLAYBOOK, "templates/hello.md": _LETTER}
        await bundles.publish(self.world.store, "meetings", files)
        self.environment |= {
            "DEALWRIGHT_MAIL_INBOUND": f"deals@{_DOMAIN}",
            "DEALWRIGHT_WEBHOOK_SECRETS": json.dumps({"mail": [_LOGIN]}),
        }

    async def begin(self) -> str:
        """A deal of Sam's with Bea, whom nobody has written to."""
        people = {
            "contacts": [{"id": "bea", "name": "Bea", "email": BEA, "timezone": "Europe/Berlin"}],
            "owners": {"rep": {"name": "Sam Rivers", "email": SAM}},
        }
        return await self.world.open("meetings", **people)

    async def watched(self) -> None:
        """Wait until Google tells of each calendar."""
        await self.look_now("google_calendar")

        async def told() -> bool:
            channels: Any = (await self.google.state())["channels"]
            return len(channels) == 2

        await self.until("watch channels", told)

    async def letter(self, deal_id: str) -> ReceivedMail:
        """The message that a deal sent to Bea, as soon as it is there."""
        found: list[ReceivedMail] = []

        async def there() -> bool:
            found[:] = self.letters(deal_id)
            return bool(found)

        await self.until("the message", there)
        return found[0]

    def letters(self, deal_id: str) -> list[ReceivedMail]:
        """All that a deal sent."""
        return [one for one in self.world.mail.messages() if (one.effect or "").startswith(f"{deal_id}/")]

    async def slack(self, deal_id: str) -> list[str]:
        """The playbook's notices about a deal in Slack, in order."""
        state: Any = await self.simulators["slack"].state()
        notices = [str(one["text"]).partition(f"deal {deal_id}: ")[2] for one in state["messages"]]
        texts = [text.removesuffix(f" (deal {deal_id})") for text in notices]
        return [text for text in texts if text in {ANSWERED, DEMO_BOOKED, DEMO_OFF}]

    async def read_in_slack(self, deal_id: str, text: str, times: int = 1) -> None:
        """Wait until a notice stands in Slack so many times."""

        async def there() -> bool:
            return (await self.slack(deal_id)).count(text) == times

        await self.until(f"{text!r} in Slack", there)

    async def meetings(self, deal_id: str, kind: str) -> dict[str, Meeting]:
        """The meetings, or demos, that a deal knows, by their ids."""
        found: dict[str, Meeting] = {}
        for entry in await self.world.deals.story(deal_id):
            if isinstance(entry, FactTaken) and entry.things is not None:
                found |= entry.things.meetings if kind == "meeting" else entry.things.demos
        return found

    async def knows(self, deal_id: str, kind: str, status: str, starts_at: datetime) -> None:
        """Wait until a deal knows one meeting, or demo, which stands like this."""

        async def as_wanted() -> bool:
            known = await self.meetings(deal_id, kind)
            return [(one.status, one.starts_at) for one in known.values()] == [(status, starts_at)]

        await self.until(f"a {kind} that is {status} at {starts_at}", as_wanted)


class _Handover(LocalMailbox):
    """The mail server of the domain for answers: hands on what comes in, as a Postfix does by its pipe."""

    def __init__(self, gateway: str) -> None:
        super().__init__()
        self._url = f"{gateway}/webhooks/mail"

    @override
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        headers: Mapping[str, str] = {
            "Authorization": "Basic " + base64.b64encode(_LOGIN.encode()).decode(),
            "Content-Type": "message/rfc822",
            "X-Envelope-Sender": f"<{envelope.mail_from}>",
            "X-Envelope-Recipient": ",".join(envelope.rcpt_tos),
        }
        try:
            async with httpx2.AsyncClient(timeout=10) as web:
                taken = await web.post(self._url, content=envelope.original_content or b"", headers=headers)
        except httpx2.TransportError:
            return "451 try again"
        return await super().handle_DATA(server, session, envelope) if taken.is_success else "451 try again"


@dataclass
class PostOffice:
    """Where buyers hand in their mail."""

    port: int

    async def answer(self, letter: ReceivedMail, text: str) -> None:
        """Bea answers a message, and hands the same answer in again, as a mail server does that heard no answer."""
        answer = EmailMessage()
        answer["From"], answer["Subject"] = f"Bea <{BEA}>", f"Re: {letter.subject}"
        answer["To"] = next(one.strip() for one in letter.headers["Reply-To"].split(",") if _DOMAIN in one)
        answer["Message-ID"], answer["In-Reply-To"] = "<answer-1@buyer.example>", letter.headers["Message-ID"]
        answer.set_content(text)
        for _ in range(2):
            await asyncio.to_thread(self._hand_in, answer)

    def _hand_in(self, message: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as server:
            server.send_message(message, from_addr=BEA)


@asynccontextmanager
async def a_post_office(gateway: str) -> AsyncIterator[PostOffice]:
    """The way in for mail, over SMTP, while the block runs."""
    async with _Handover(gateway) as handover:
        yield PostOffice(handover.port)
