"""What a reply means, as somebody says by a button: the fact that anybody may tell over HTTP as well."""

from __future__ import annotations

from datetime import date
from email.utils import parseaddr

from pydantic import ValidationError

from dealwright.facts import Referred, ReplyReceived
from dealwright.open_work import ReplyToRead
from dealwright.values.addresses import complaint_about_address
from integrations.kit.errors import Refused
from integrations.slack.work_blocks import READINGS, READS

SOURCE = "slack"
_DAYS = {"not_now": "back_on", "out_of_office": "returns_on"}
"""For which sentiments what is written is a day, and which."""
_NAMES = frozenset({"wrong_person", "referral"})
"""Sentiments for which it is whom they name."""
_AS_THIS = "Write whom they name as Bo Lin <bo@buyer.example>, or the name alone."


def reading_of(answer: str, note: str | None, reply: ReplyToRead, by: str) -> ReplyReceived:
    """The fact that a press is: the reply, told again under its own name with what it means.

    Raises:
        Refused: there is no such button, or what was written beside it does not say what it should.
    """
    sentiment = answer.removeprefix(READS)
    if sentiment not in READINGS:
        raise Refused(f"{answer!r} is no answer to this.")
    told: dict[str, object] = {
        "sentiment": sentiment, "message_id": reply.message_id, "contact": reply.contact, "at": reply.at, "by": by,
        "source": SOURCE,
    }  # fmt: skip
    if note is not None and sentiment in _DAYS:
        told[_DAYS[sentiment]] = _day(note, READINGS[sentiment])
    elif note is not None and sentiment in _NAMES:
        told["refers_to"] = _somebody(note)
    elif note is not None:
        told["note"] = note
    elif sentiment == "referral":
        raise Refused("Write whom they name into the field above the buttons, and press Referral once more.")
    return ReplyReceived.model_validate(told)


def in_words(fact: ReplyReceived, who: str) -> str:
    """What a message shows of a reply that was read."""
    more = fact.back_on or fact.returns_on or (fact.refers_to and (fact.refers_to.name or fact.refers_to.email))
    return f"Read as: {READINGS[fact.sentiment].lower()}{f', {more}' if more else ''} ({who})"


def _day(note: str, button: str) -> date:
    try:
        return date.fromisoformat(note)
    except ValueError:
        raise Refused(f"Write the day as 2026-06-15, or nothing, and press {button} once more.") from None


def _somebody(note: str) -> Referred:
    name, address = parseaddr(note)
    given = {"name": name or None, "email": address} if "@" in note else {"name": note}
    try:
        if "@" in note and complaint_about_address(address) is not None:
            raise Refused(_AS_THIS)
        return Referred.model_validate(given)
    except ValidationError:
        raise Refused(_AS_THIS) from None
