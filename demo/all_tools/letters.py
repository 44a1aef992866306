"""Letters of the demo's buyers: which of ours they got, and what they answer."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from demo.all_tools.part import Life
from local.mailbox import ReceivedMail


async def first_letter(life: Life, address: str) -> ReceivedMail:
    """The first message of the deal that an address got, once it is there and the deal knows that it went out."""

    async def arrived() -> bool:
        return bool(letters(life, address)) and bool(await life.done("send_email"))

    await life.until(f"{address} has a message", arrived)
    return letters(life, address)[0]


def letters(life: Life, address: str) -> list[ReceivedMail]:
    """What an address got of this deal; its mailbox may hold letters of earlier runs, where data is kept."""
    own = f"{life.deal.deal_id}/"
    return [one for one in life.stack.mailbox.messages(address) if (one.effect or "").startswith(own)]


def answer_to(letter: ReceivedMail, name: str, id_: str, text: str) -> EmailMessage:
    """What whoever got a letter answers now: to the address that was made for it, where it has one."""
    answer = EmailMessage()
    answer["Date"] = format_datetime(datetime.now(UTC))
    (address,) = letter.recipients
    answer["From"], answer["Subject"] = formataddr((name, address)), f"Re: {letter.subject}"
    answer["To"] = letter.headers.get("Reply-To", letter.headers["From"]).split(",")[-1].strip()
    answer["Message-ID"], answer["In-Reply-To"] = f"<{id_}>", letter.headers["Message-ID"]
    answer.set_content(text)
    return answer
