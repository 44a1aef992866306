"""Delivery reports: which of our messages did not arrive, and whether it ever can.

RFC 3464 says how a report looks. Office 365 sends one without the part that says so, Gmail one in plain text: for
those the text is read, with the detectors of ``flufl.bounce``. Only what looks like a report in its headers is taken
for one: people quote reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from typing import Literal

from flufl.bounce import all_failures

from dealwright.values.addresses import bare
from integrations.mail.headers import plain
from integrations.mail.inbound.incoming import IncomingMail, message_ids
from integrations.mail.inbound.mime import Headers, blocks, headers_of
from integrations.mail.messages import EFFECT_HEADER

Kind = Literal["hard", "soft"]
_DAEMONS = re.compile(r"(mailer-daemon|postmaster|mail-daemon|mdaemon)@", re.IGNORECASE)
_ENHANCED = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
"""An enhanced status code (RFC 3463)."""
_REPLY = re.compile(r"(?<![\d.])(4[25]\d|5[05]\d)(?= |-|$)", re.MULTILINE)
"""An SMTP reply code (RFC 5321)."""
_NOT_THE_ADDRESS = re.compile(r"4\.|5\.2\.[23]$|5\.3\.4$|5\.[567]\.")
"""A mailbox that is full, a message that is too large or not wanted: another message may arrive at that address."""
_NO_SUCH_MAILBOX = {"550", "551", "553"}
_LONGEST_TEXT = 16 * 1024
_MOST_SCANNED = 64 * 1024
_MOST_IDS = 50


@dataclass(frozen=True)
class Failure:
    """One recipient that a report speaks of."""

    address: str
    """Empty where the report does not say."""
    action: Literal["failed", "delayed", "other"]
    kind: Kind
    """``hard`` when no message can arrive there."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeliveryReport:
    """What a report says of a message of ours."""

    failures: tuple[Failure, ...]
    message_ids: tuple[str, ...]
    """Message-IDs of what it may be about, the likeliest first."""
    effect: str | None
    """The effect of the message, where the report gives its headers back."""

    def about(self, address: str | None) -> Failure | None:
        """What became of the message to an address; None when it did not fail there.

        Our messages have one recipient: a forwarder may have sent it on, so that the report names another.
        """
        named = [one for one in self.failures if address and one.address.lower() == address.lower()]
        failed = [one for one in named or self.failures if one.action == "failed"]
        return next((one for one in failed if one.kind == "hard"), failed[0] if failed else None)


def delivery_report(mail: IncomingMail) -> DeliveryReport | None:
    """The report that a message is; None when it is none."""
    if not _is_report(mail):
        return None
    failures = tuple(_as_reported(mail)) or tuple(_as_told(mail))
    returned = _returned_headers(mail)
    ids = [known for headers in returned for known in message_ids(headers.first("message-id"))]
    ids += list(message_ids(mail.text(_LONGEST_TEXT)))[:_MOST_IDS]
    effect = next((e for headers in returned if (e := headers.first(EFFECT_HEADER.lower()))), None)
    return DeliveryReport(failures=failures, message_ids=tuple(dict.fromkeys([*ids, *mail.answered])), effect=effect)


def _is_report(mail: IncomingMail) -> bool:
    if mail.type.name == "multipart/report":
        return mail.type.report_type in {None, "delivery-status"}
    if "x-failed-recipients" in mail.headers or any(part.type.name == "message/delivery-status" for part in mail.parts):
        return True
    by_daemon = _DAEMONS.search(mail.headers.first("from"))
    return bool(by_daemon and (mail.null_return_path or not mail.answered))


def _as_reported(mail: IncomingMail) -> Iterator[Failure]:
    """What the parts for programs say (RFC 3464)."""
    for part in mail.parts:
        if part.type.name != "message/delivery-status":
            continue
        for block in blocks(part.text()):
            if "action" in block or "final-recipient" in block:
                yield _failure(block)


def _failure(block: Headers) -> Failure:
    action = block.first("action").split(" ")[0].lower()
    recipient = block.first("original-recipient") or block.first("final-recipient")
    said = block.first("status"), block.first("diagnostic-code")
    return Failure(
        address=bare(recipient.rpartition(";")[2])[:254],
        action=action if action in ("failed", "delayed") else "other",  # type: ignore[arg-type] # mypy does not narrow
        kind=_kind(said),
        reason=_short(" ".join(said)),
    )


def _as_told(mail: IncomingMail) -> Iterator[Failure]:
    """What a report says that is written for people alone."""
    text = mail.text(_LONGEST_TEXT)
    delayed, failed = _scanned(mail)
    named = [address.strip() for address in mail.headers.first("x-failed-recipients").split(",") if address.strip()]
    gone = list(dict.fromkeys([*named, *failed]))
    for address in gone[:_MOST_IDS]:
        yield Failure(bare(address)[:254], "failed", _kind([text]), _short(_code_in(text)))
    if not gone and delayed:
        yield from (Failure(address, "delayed", "soft", "") for address in delayed)
    elif not gone and (code := _code_in(text)):
        yield Failure("", "failed", _kind([code]), code)


def _scanned(mail: IncomingMail) -> tuple[list[str], list[str]]:
    """The recipients for which it is not over, and those for which it is, as ``flufl.bounce`` reads the report."""
    try:
        temporary, permanent = all_failures(message_from_bytes(mail.beginning[:_MOST_SCANNED]))
    except Exception:  # noqa: BLE001 - its detectors raise whatever a broken message leads to
        return [], []
    return _texts(temporary), _texts(permanent)


def _texts(addresses: Iterable[bytes | str]) -> list[str]:
    return sorted(one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in addresses)


def _kind(said: Iterable[str]) -> Kind:
    """Whether no message can arrive: the first exact code counts, one that ends in ``.0.0`` says too little."""
    text = " ".join(said)
    codes = _ENHANCED.findall(text)
    exact = [code for code in codes if not code.endswith(".0.0")] or codes
    if exact:
        return "soft" if _NOT_THE_ADDRESS.match(exact[0]) else "hard"
    reply = _REPLY.search(text)
    return "soft" if reply and reply[0] not in _NO_SUCH_MAILBOX else "hard"


def _code_in(text: str) -> str:
    found = _ENHANCED.search(text) or _REPLY.search(text)
    return found[0] if found else ""


def _returned_headers(mail: IncomingMail) -> list[Headers]:
    """The headers of the message that came back, from its part or from the report's text."""
    found = [
        headers_of(part.text()[:_LONGEST_TEXT].partition("\n\n")[0])
        for part in mail.parts
        if part.type.name in {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
    ]
    return found or [headers_of(mail.text(_LONGEST_TEXT))]


def _short(text: str) -> str:
    return plain(text)[:300]
