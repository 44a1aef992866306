"""Mailgun: says what became of a message of the fourth deal, and forwards the answer by a route."""

from __future__ import annotations

import time

from demo.all_tools.letters import answer_to, first_letter, letters
from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.pipedrive import ADA
from local.mail_services import MAILGUN_KEY, mailgun_event, mailgun_mail

ANSWER = "answer-1@reed.example"


async def _tell(life: Life) -> None:
    """The buyer's mail server is away for a moment; then the message arrives, and is opened."""
    letter = await first_letter(life, ADA)
    message = {"headers": {"message-id": letter.headers["Message-ID"].strip("<>"), "to": ADA}}
    about = {"recipient": ADA, "timestamp": time.time(), "message": message}
    away = {"code": 451, "message": "4.7.1 Try again later"}
    await life.twice(
        mailgun_event({**about, "event": "failed", "severity": "temporary", "id": "reed-1", "delivery-status": away})
    )
    await life.twice(
        mailgun_event({**about, "event": "opened", "id": "reed-2", "client-info": {"client-type": "mobile"}})
    )
    life.heard("mailgun", "email_bounced", "email_opened")  # nothing waits for them: they are taken with what comes


async def _answer(life: Life) -> None:
    letter = await first_letter(life, ADA)
    answer = answer_to(letter, "Ada Roth", ANSWER, "Thank you. Next week?")
    life.noted[ANSWER] = answer.as_string()
    await life.twice(mailgun_mail(answer.as_bytes(), recipient=str(answer["To"])))
    life.heard("mail", "reply_received")


async def _compare(life: Life) -> list[Line]:
    told = {one.fact: one for one in await life.taken() if one.source == "mailgun"}
    (effect,) = [one.effect for one in letters(life, ADA)]
    return [
        Line("the message that came late", told["email_bounced"].touch, effect),
        Line("the message that was opened", told["email_opened"].touch, effect),
    ]


async def _compare_answers(life: Life) -> list[Line]:
    answers = [one.id for one in await life.taken() if one.source == "mail"]
    return [Line("the answer that it brought", answers[:1], [f"mail:{ANSWER}"])]


MAILGUN = Part(
    tool="mailgun", does="events of mail", acts={"answer": _tell}, compare=_compare, deal="fourth",
    secret=MAILGUN_KEY,
)  # fmt: skip
MAILGUN_ROUTES = Part(
    tool="mailgun_routes", does="mail in", acts={"answer": _answer}, compare=_compare_answers, deal="fourth",
    source="mail", secret=MAILGUN_KEY,
)  # fmt: skip
