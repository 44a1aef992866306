"""Mail, both ways: the first message goes out over SMTP, and its answer comes in as a mail server hands it on."""

from __future__ import annotations

from demo.all_tools.letters import answer_to, first_letter, letters
from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.hubspot import CONTACT
from local.mail_services import LOGIN, raw_mail

DOMAIN = "in.dealwright.local"


async def _answer(life: Life) -> None:
    """Ada answers, and her mail server hands the same answer in twice, as one does that heard no answer."""
    answer = answer_to(
        await first_letter(life, CONTACT), "Ada Berg", "answer-1@fern.example", "Not well. Tell me more."
    )
    await life.twice(raw_mail(answer.as_bytes(), sender=CONTACT, recipient=str(answer["To"])))
    await life.hears("mail", "reply_received")
    await life.deal.stage("talking")


async def _compare(life: Life) -> list[Line]:
    sent = [_play(row.effect_id) for row in await life.done("send_email")]
    return [
        Line("messages to the buyer", sorted(sent), sorted(_play(one.effect or "") for one in letters(life, CONTACT)))
    ]


def _play(effect: str) -> str:
    return effect.split("/")[1]


MAIL = Part(tool="mail", does="mail, out and in", acts={"answer": _answer}, compare=_compare, secret=LOGIN)
