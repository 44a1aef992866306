"""Postmark: says that the buyer of the second deal opened the message with the offer, and brings an answer to it."""

from __future__ import annotations

from datetime import UTC, datetime

from demo.all_tools.letters import answer_to, first_letter, letters
from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.second_deal import ADA
from local.mail_services import LOGIN, postmark_mail, postmark_record

_ANSWER = "offer-1@moss.example"


async def _open_and_answer(life: Life) -> None:
    letter = await first_letter(life, ADA)
    opened = {
        "RecordType": "Open", "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "MessageStream": "outbound",
        "Recipient": ADA, "FirstOpen": True, "ReceivedAt": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    await life.twice(postmark_record(opened))
    answer = answer_to(letter, "Ada Holm", _ANSWER, "Thank you, we are reading it.")
    await life.twice(postmark_mail(answer.as_bytes(), sender=ADA, recipient=str(answer["To"])))
    # Nothing waits for them: they are taken with what comes next. A message is from mail, whoever brought it.
    life.heard("postmark", "email_opened")
    life.heard("mail", "reply_received")


async def _compare(life: Life) -> list[Line]:
    taken = await life.taken()
    opened = [one for one in taken if one.source == "postmark" and one.fact == "email_opened"]
    answers = [one.id for one in taken if one.source == "mail"]
    return [
        Line("messages that were opened", len(opened), len(letters(life, ADA))),
        Line("answers that it brought", answers, [f"mail:{_ANSWER}"]),
    ]


POSTMARK = Part(
    tool="postmark", does="mail in, events of mail", acts={"proposal": _open_and_answer}, compare=_compare,
    deal="second", secret=LOGIN,
)  # fmt: skip
