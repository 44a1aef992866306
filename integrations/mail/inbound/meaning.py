"""What a message that came in is: a report, a wish to get no more, an absence notice, or a reply."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from integrations.mail.inbound.automatic import automatic_mail
from integrations.mail.inbound.delivery_reports import DeliveryReport, delivery_report
from integrations.mail.inbound.incoming import IncomingMail, message_ids
from integrations.mail.inbound.mime import headers_of
from integrations.mail.messages import EFFECT_HEADER
from integrations.mail.touch_addresses import NamedTouch, touch_in
from store.unsubscribe import effect_of

_UNSUBSCRIBE = re.compile(r"unsubscribe ([A-Za-z0-9_.-]{1,800})\s*", re.IGNORECASE)
"""The subject that our ``List-Unsubscribe`` gives to whoever follows it."""
_LONGEST_HEAD = 16 * 1024


@dataclass(frozen=True)
class Reply:
    """Somebody wrote."""


@dataclass(frozen=True)
class AutomaticReply:
    """A program says that somebody is away."""

    returns_on: date | None


@dataclass(frozen=True)
class Unsubscription:
    """Somebody wrote to the address that ends marketing, or with the subject that does."""

    effect: str | None
    """The effect of the message that they had, where the subject names it."""


@dataclass(frozen=True)
class Complaint:
    """A mailbox provider reports that somebody marked our message as spam (RFC 5965)."""

    message_ids: tuple[str, ...]


@dataclass(frozen=True)
class Nothing:
    """A message that tells a deal nothing."""

    why: str


Meaning: TypeAlias = Reply | AutomaticReply | Unsubscription | Complaint | DeliveryReport | Nothing


def meaning_of(mail: IncomingMail, secret: bytes) -> Meaning:
    """What a message is, by its headers and recipients alone. A report bears the marks of an automatic reply."""
    if EFFECT_HEADER.lower() in mail.headers:
        return Nothing("this is a message of ours")
    if (report := delivery_report(mail)) is not None:
        return report
    if mail.type.report_type == "feedback-report":
        return Complaint(_complained_about(mail))
    if mail.type.report_type is not None and mail.type.name == "multipart/report":
        return Nothing(f"this is a report of another kind ({mail.type.report_type[:60]})")
    if (wish := _unsubscription(mail, secret)) is not None:
        return wish
    if (automatic := automatic_mail(mail)) is not None:
        return AutomaticReply(automatic.returns_on)
    return Reply()


def touches_in(addresses: Iterable[str], secret: bytes) -> list[NamedTouch]:
    """The touches that these addresses name."""
    return [named for address in addresses if (named := touch_in(address, secret)) is not None]


def _unsubscription(mail: IncomingMail, secret: bytes) -> Unsubscription | None:
    found = _UNSUBSCRIBE.fullmatch(mail.subject.strip())
    effect = effect_of(found[1], secret) if found else None
    if effect is not None or any(one.purpose == "unsubscribe" for one in touches_in(mail.recipients, secret)):
        return Unsubscription(effect)
    return None


def _complained_about(mail: IncomingMail) -> tuple[str, ...]:
    heads = [
        headers_of(part.text()[:_LONGEST_HEAD].partition("\n\n")[0])
        for part in mail.parts
        if part.type.name in {"message/rfc822", "text/rfc822-headers"}
    ]
    return tuple(known for head in heads for known in message_ids(head.first("message-id")))
