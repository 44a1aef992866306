"""Mail, both ways: the first message goes out over SMTP, and its answer comes in as a mail server hands it on."""

from __future__ import annotations

import base64
from email.message import EmailMessage

import httpx2

from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.hubspot import CONTACT
from local.mailbox import ReceivedMail

DOMAIN, LOGIN = "in.dealwright.local", "mail-server:local-mail-password"
_PATIENCE = 30


async def _answer(life: Life) -> None:
    """Ada answers, and her mail server hands the same answer in twice, as one does that heard no answer."""

    async def arrived() -> bool:
        return bool(_letters(life))

    await life.until("the first message arrived", arrived)
    await life.deal.see(lambda seen: seen.first_touch_at is not None, "the deal knows that it went out")
    answer = _answer_to(_letters(life)[0])
    headers = {
        "authorization": "Basic " + base64.b64encode(LOGIN.encode()).decode(), "content-type": "message/rfc822",
        "x-envelope-sender": CONTACT, "x-envelope-recipient": str(answer["To"]),
    }  # fmt: skip
    async with httpx2.AsyncClient(base_url=life.stack.gateway_url, timeout=_PATIENCE) as web:
        for _ in range(2):
            (await web.post("/webhooks/mail", content=answer.as_bytes(), headers=headers)).raise_for_status()
    await life.hears("mail", "reply_received")
    await life.deal.stage("talking")


def _answer_to(letter: ReceivedMail) -> EmailMessage:
    answer = EmailMessage()
    answer["From"], answer["Subject"] = f"Ada Berg <{CONTACT}>", f"Re: {letter.subject}"
    answer["To"] = next(one.strip() for one in letter.headers["Reply-To"].split(",") if DOMAIN in one)
    answer["Message-ID"], answer["In-Reply-To"] = "<answer-1@fern.example>", letter.headers["Message-ID"]
    answer.set_content("Not well. Tell me more.")
    return answer


def _letters(life: Life) -> list[ReceivedMail]:
    """What Ada got of this deal; her mailbox may hold letters of earlier runs, where data is kept."""
    own = f"{life.deal.deal_id}/"
    return [one for one in life.stack.mailbox.messages(CONTACT) if (one.effect or "").startswith(own)]


async def _compare(life: Life) -> list[Line]:
    sent = [_play(row.effect_id) for row in await life.done("send_email")]
    return [Line("messages to the buyer", sorted(sent), sorted(_play(one.effect or "") for one in _letters(life)))]


def _play(effect: str) -> str:
    return effect.split("/")[1]


MAIL = Part(tool="mail", does="mail, out and in", acts={"answer": _answer}, compare=_compare)
