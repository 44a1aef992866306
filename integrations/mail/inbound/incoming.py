"""One message that came in, with what matters of it: who wrote, to which addresses, what it answers, when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
from functools import cached_property
from hashlib import sha256

from dealwright.values.addresses import complaint_about_address
from integrations.mail.headers import plain
from integrations.mail.inbound.mime import ContentType, Headers, Part, taken_apart

LONGEST_MESSAGE_ID = 190
"""Characters of a Message-ID that is kept as it is; a longer one, or one with odd letters, is known by its hash."""
MOST_ADDRESSES, MOST_REFERENCES = 50, 100
CLOCKS_DIFFER_BY = timedelta(minutes=5)
LONGEST_ON_ITS_WAY = timedelta(days=7)
"""A message that says it was written earlier than this before it came has a wrong clock."""
_LONGEST_ADDRESSES = 4000
_BEGINNING = 64 * 1024
_ID = re.compile(r"<([^<>\s]{1,900})>")
_WRITTEN_TO = ("delivered-to", "x-original-to", "envelope-to", "x-forwarded-to", "original-recipient", "to", "cc")


@dataclass(frozen=True)
class Author:
    """Who wrote a message, as it says itself; nothing proves it."""

    name: str
    address: str
    """Empty where none can be read."""


@dataclass(frozen=True, kw_only=True)
class IncomingMail:
    """A message that came in. ``received_at`` is the wall clock's time at which a server of ours got it."""

    headers: Headers
    type: ContentType
    parts: tuple[Part, ...]
    received_at: datetime
    envelope_sender: str | None = None
    """Where a bounce of it would go: empty for the null return path, None where nobody said."""
    envelope_recipients: tuple[str, ...] = ()
    digest: str = ""
    """Of its content: tells messages without a Message-ID apart."""
    beginning: bytes = b""
    """Its first bytes as they came; nothing where a provider took it apart."""

    @cached_property
    def message_id(self) -> str:
        """Its Message-ID without angle brackets; made from its content where it has none."""
        return next(message_ids(self.headers.first("message-id")), f"{self.digest}@no-message-id")

    @cached_property
    def answered(self) -> tuple[str, ...]:
        """The Message-IDs of what it may answer, the likeliest first: In-Reply-To, then References from the last on."""
        replied = list(message_ids(self.headers.first("in-reply-to")))
        named = list(message_ids(self.headers.first("references")))[-MOST_REFERENCES:]
        return tuple(dict.fromkeys([*replied[:MOST_REFERENCES], *reversed(named)]))

    @cached_property
    def author(self) -> Author:
        """Who wrote it."""
        for header in ("from", "sender"):
            for name, address in addresses_in([self.headers.first(header)]):
                return Author(readable(name), address)
        return Author("", "")

    @cached_property
    def recipients(self) -> tuple[str, ...]:
        """Every address that it was sent to, those of the envelope first."""
        written = (value for header in _WRITTEN_TO for value in self.headers.all(header))
        found = [address for _, address in addresses_in([*self.envelope_recipients, *written])]
        return tuple(dict.fromkeys(found))

    @cached_property
    def null_return_path(self) -> bool:
        """Whether nobody is to answer it, as for reports and automatic replies (RFC 3834)."""
        if self.envelope_sender is not None:
            return self.envelope_sender.strip(" <>") == ""
        return "return-path" in self.headers and self.headers.first("return-path").strip(" <>") == ""

    @cached_property
    def subject(self) -> str:
        """The subject, decoded."""
        return readable(self.headers.first("subject"))

    @cached_property
    def written_at(self) -> datetime | None:
        """When it was written; None where its clock cannot be right, so that the time of receipt counts."""
        try:
            said = parsedate_to_datetime(self.headers.first("date"))
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        try:
            at = said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        likely = self.received_at - LONGEST_ON_ITS_WAY <= at <= self.received_at + CLOCKS_DIFFER_BY
        return min(at, self.received_at) if likely else None

    def text(self, most: int = 64 * 1024) -> str:
        """The beginning of what a reader sees of its plain text."""
        plain_texts = [part.text() for part in self.parts if part.type.name == "text/plain"]
        return "\n".join(plain_texts)[:most]


def read_mail(
    raw: bytes, received_at: datetime, *, envelope_sender: str | None = None, envelope_recipients: Sequence[str] = ()
) -> IncomingMail:
    """Read a raw message (RFC 5322). Whatever the bytes are, this gives a message and raises nothing."""
    headers, type_, parts = taken_apart(raw)
    return IncomingMail(
        headers=headers,
        type=type_,
        parts=parts,
        received_at=received_at,
        envelope_sender=envelope_sender,
        envelope_recipients=tuple(envelope_recipients)[:MOST_ADDRESSES],
        digest=sha256(raw).hexdigest(),
        beginning=raw[:_BEGINNING],
    )


def mail_of_fields(
    fields: Iterable[tuple[str, str]],
    texts: Sequence[Part],
    received_at: datetime,
    *,
    envelope_sender: str | None = None,
    envelope_recipients: Sequence[str] = (),
) -> IncomingMail:
    """A message that a provider has taken apart already."""
    kept = [(name.strip().lower(), " ".join(value.split())) for name, value in fields]
    content = repr((kept, [part.content for part in texts])).encode("utf-8", "replace")
    headers = Headers(tuple(kept))
    return IncomingMail(
        headers=headers,
        type=ContentType("multipart/mixed"),
        parts=tuple(texts),
        received_at=received_at,
        envelope_sender=envelope_sender,
        envelope_recipients=tuple(envelope_recipients)[:MOST_ADDRESSES],
        digest=sha256(content).hexdigest(),
    )


def plain_part(text: str) -> Part:
    """A plain text as a part of a message."""
    return Part(Headers(), ContentType(charset="utf-8"), text.encode("utf-8", "replace"))


def message_ids(text: str) -> Iterator[str]:
    """The Message-IDs in a header or a text, without angle brackets, each in the form in which it is kept."""
    return (known_as(found[1]) for found in _ID.finditer(text))


def known_as(message_id: str) -> str:
    """The form in which a Message-ID is kept and looked up."""
    bare = message_id.strip().strip("<>")
    if len(bare) <= LONGEST_MESSAGE_ID and bare.isascii() and bare.isprintable():
        return bare
    return f"sha256-{sha256(bare.encode('utf-8', 'surrogatepass')).hexdigest()}"


def addresses_in(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names and addresses in headers, of those that mail could go to."""
    count = 0
    for value in values:
        for name, address in _parsed(value[:_LONGEST_ADDRESSES]):
            if count >= MOST_ADDRESSES:
                return
            if complaint_about_address(address) is None:
                count += 1
                yield name, address


def _parsed(value: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([value])
    except (ValueError, IndexError, TypeError, RecursionError):
        return []


def readable(text: str) -> str:
    """Text of a header with its encoded words (RFC 2047) decoded, on one line."""
    try:
        return plain(str(make_header(decode_header(text[:2000]))))[:500]
    except (ValueError, LookupError, HeaderParseError, TypeError):
        return plain(text)[:500]
