"""SendGrid: says what became of a message of the third deal, and brings the answer by Inbound Parse."""

from __future__ import annotations

import time

from demo.all_tools.letters import answer_to, first_letter, letters
from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.salesforce import ADA
from local.mail_services import LOGIN, sendgrid_events, sendgrid_mail, sendgrid_public_key

_ANSWER = "answer-1@pine.example"


async def _tell(life: Life) -> None:
    letter = await first_letter(life, ADA)
    about = {"email": ADA, "smtp-id": letter.headers["Message-ID"], "timestamp": int(time.time())}
    kinds = ("processed", "delivered", "open")  # a list, as SendGrid sends it; two of them tell a deal nothing
    events = [{**about, "event": kind, "sg_event_id": f"pine-{kind}", "sg_message_id": "pine.1"} for kind in kinds]
    await life.twice(sendgrid_events(events))
    life.heard("sendgrid", "email_opened")  # nothing waits for it: it is taken with what comes next


async def _answer(life: Life) -> None:
    answer = answer_to(await first_letter(life, ADA), "Ada Lind", _ANSWER, "Thank you, that was clear.")
    await life.twice(sendgrid_mail(answer.as_bytes()))
    life.heard("mail", "reply_received")


async def _compare(life: Life) -> list[Line]:
    opened = [one.touch for one in await life.taken() if one.source == "sendgrid"]
    return [Line("messages that were opened", opened, [one.effect for one in letters(life, ADA)])]


async def _compare_answers(life: Life) -> list[Line]:
    answers = [one.id for one in await life.taken() if one.source == "mail"]
    return [Line("answers that it brought", answers, [f"mail:{_ANSWER}"])]


SENDGRID = Part(
    tool="sendgrid", does="events of mail", acts={"answer": _tell}, compare=_compare, deal="third",
    secret=sendgrid_public_key(),
)  # fmt: skip
SENDGRID_PARSE = Part(
    tool="sendgrid_parse", does="mail in", acts={"answer": _answer}, compare=_compare_answers, deal="third",
    source="mail", secret=LOGIN,
)  # fmt: skip
