"""Reads a finished message back as its recipients will, before it is handed over.

What was meant and what a reader finds must be the same: each header once and no other, the addresses, the texts,
the body. Anything else is refused: a message that says something else than was decided must not leave.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_string, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import getaddresses

from integrations.kit.errors import Refused
from integrations.mail.headers import LONGEST_LINE
from integrations.mail.mailboxes import Mailbox


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a message is to say.

    ``people`` and ``texts`` are its headers by name, with what a reader finds in each; ``body`` ends each line
    with a line feed.
    """

    people: Mapping[str, Mailbox]
    texts: Mapping[str, str]
    body: str


def proofread(content: bytes, meant: Expected) -> None:
    """Compare a finished message with what was meant.

    Raises:
        Refused: a reader would find something else.
    """
    try:
        text = content.decode()
        _check_lines(content)
        _check_headers(message_from_string(text), meant)
        _check_reading(message_from_string(text, policy=policy.default), meant)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise _refused(f"it cannot be read ({type(error).__name__})") from error


def _check_lines(content: bytes) -> None:
    lines = content.split(b"\r\n")
    if any(len(line) > LONGEST_LINE for line in lines):
        raise _refused(f"a line is longer than {LONGEST_LINE} octets")
    if any(re.search(rb"[\r\n\0]", line) for line in lines):
        raise _refused("a line holds a bare line break or a NUL")


def _check_headers(read: Message, meant: Expected) -> None:
    """As readers do that know RFC 2047 and nothing more: names, and texts decoded."""
    expected = [*meant.people, *meant.texts]
    if sorted(name.lower() for name in read.keys()) != sorted(name.lower() for name in expected):  # noqa: SIM118
        raise _refused("it has other headers than were meant")
    for name, text in meant.texts.items():
        if not read[name].isascii() or _decoded(read[name]) != text:
            raise _refused(f"{name} reads otherwise than was meant")
    for name, person in meant.people.items():
        found = [(_decoded(phrase), address) for phrase, address in getaddresses([_unfolded(read[name])])]
        if found != [(person.name, person.address)]:
            raise _refused(f"{name} names others than were meant")


def _check_reading(read: EmailMessage, meant: Expected) -> None:
    """As Python's mail policy reads, strictly: addresses, and the body."""
    for name, person in meant.people.items():
        if [one.addr_spec for one in read[name].addresses] != [person.address]:
            raise _refused(f"{name} names others than were meant")
    if read.is_multipart() or read.get_content_type() != "text/plain" or read.defects:
        raise _refused("it is no plain text")
    if read.get_content().replace("\r\n", "\n") != meant.body:
        raise _refused("its body reads otherwise than was meant")


def _decoded(raw: str) -> str:
    return str(make_header(decode_header(_unfolded(raw))))


def _unfolded(raw: str) -> str:
    return re.sub(r"\r?\n(?=[ \t])", "", raw).strip()


def _refused(why: str) -> Refused:
    return Refused(f"the message would not arrive as it was meant: {why}. Nothing was handed over")
