"""A raw message taken apart: its headers, and the beginnings of its parts.

Anybody may send us a message, so its reading costs bounded time whatever stands in it. The standard library's parser
nests as deep as a message says, so only its decoders are used here. Real reports also break the rules that a strict
parser keeps: a boundary that is indented, headers without a blank line after them.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message

MOST_READ = 1024 * 1024
"""Bytes of a message that are looked at. What follows is as if it were not there."""
MOST_HEADERS, LONGEST_HEADER = 500, 16 * 1024
MOST_PARTS, DEEPEST = 50, 6
_LONGEST_TYPE = 2048
_CHARSET = re.compile(
    r"(utf-?8|(us-)?ascii|(iso|ISO)[-_]8859[-_]\d{1,2}|latin-?1|windows-\d{3,4}|cp\d{3,4}|koi8-[ru]|gb(k|2312|18030)|big5"
    r"|euc[-_](jp|kr)|shift[-_]jis|iso-2022-jp|utf-?16([lb]e)?)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[!-9;-~]{1,76}")


@dataclass(frozen=True)
class Headers:
    """The headers of a message or of a part, in their order; names are in lower case, values on one line."""

    fields: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str:
        """The first value of a header; empty where there is none."""
        return next(self.all(name), "")

    def all(self, name: str) -> Iterator[str]:
        """Every value of a header."""
        return (value for known, value in self.fields if known == name)

    def __contains__(self, name: str) -> bool:
        return any(known == name for known, _ in self.fields)


@dataclass(frozen=True)
class ContentType:
    """What a part is: ``text/plain`` and the parameters that are asked for."""

    name: str = "text/plain"
    boundary: str | None = None
    charset: str | None = None
    report_type: str | None = None


@dataclass(frozen=True)
class Part:
    """A part that holds no others, its transfer encoding undone."""

    headers: Headers
    type: ContentType
    content: bytes

    def text(self) -> str:
        """The content as text; what no charset explains is replaced."""
        charset = self.type.charset or "utf-8"
        if not _CHARSET.fullmatch(charset):
            charset = "utf-8"
        return self.content.decode(charset, "replace")


def taken_apart(raw: bytes) -> tuple[Headers, ContentType, tuple[Part, ...]]:
    """A message's headers, its type, and its parts in their order."""
    text = _unix_lines(raw[:MOST_READ]).lstrip(b"\n")
    if text.startswith((b"From ", b">From ")):  # an mbox's line before the message
        text = text.partition(b"\n")[2]
    headers, body = _head_and_body(text)
    type_ = content_type(headers)
    parts: list[Part] = []
    _collect(headers, body, parts, depth=0)
    return headers, type_, tuple(parts)


def headers_of(text: str) -> Headers:
    """Headers that stand in a text, as they do in returned messages."""
    return _headers(_unix_lines(text.encode("utf-8", "replace")))


def content_type(headers: Headers) -> ContentType:
    """The type that the headers name; plain text where they name none that can be read."""
    message = Message()
    value = headers.first("content-type")[:_LONGEST_TYPE]
    try:
        message["Content-Type"] = value or "text/plain"
        report_type = message.get_param("report-type")
        return ContentType(
            name=message.get_content_type(),
            boundary=message.get_boundary(),
            charset=message.get_content_charset(),
            report_type=report_type.lower() if isinstance(report_type, str) else None,
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return ContentType()


def blocks(text: str) -> list[Headers]:
    """Groups of headers with blank lines between them, as a delivery report lists its recipients."""
    groups = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip("\n"))[: MOST_PARTS * 2]
    return [headers for group in groups if (headers := headers_of(group)).fields]


def _collect(headers: Headers, body: bytes, parts: list[Part], *, depth: int) -> None:
    type_ = content_type(headers)
    if type_.name.startswith("multipart/") and type_.boundary and depth < DEEPEST:
        for inner in _between(body, type_.boundary):
            if len(parts) >= MOST_PARTS:
                return
            _collect(*_head_and_body(inner), parts, depth=depth + 1)
    else:
        parts.append(Part(headers, type_, _decoded(headers.first("content-transfer-encoding"), body)))


def _between(body: bytes, boundary: str) -> Sequence[bytes]:
    """What stands between the boundaries; some programs indent them."""
    mark = re.escape(boundary.encode("utf-8", "replace"))
    pieces = re.split(rb"(?:^|\n)[ \t]?--" + mark + rb"(--)?[ \t]*(?=\n|$)", body, maxsplit=MOST_PARTS)
    # Contents and whether the mark before them was the last, in turn.
    found: list[bytes] = []
    for content, ended in zip(pieces[2::2], pieces[1::2], strict=False):
        if ended:
            break
        found.append(content.removeprefix(b"\n"))
    return found


def _head_and_body(text: bytes) -> tuple[Headers, bytes]:
    if text.startswith(b"\n"):
        return Headers(), text[1:]
    head, _, body = text.partition(b"\n\n")
    return _headers(head), body


def _headers(head: bytes) -> Headers:
    fields: list[tuple[str, str]] = []
    unfolded = re.sub(rb"\n(?=[ \t])", b"", head)
    for line in unfolded.split(b"\n", MOST_HEADERS)[:MOST_HEADERS]:
        name, colon, value = _readable(line[:LONGEST_HEADER]).partition(":")
        name = name.rstrip()
        if colon and _NAME.fullmatch(name):
            fields.append((name.lower(), " ".join(value.split())))
    return Headers(tuple(fields))


def _readable(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _unix_lines(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _decoded(encoding: str, body: bytes) -> bytes:
    match encoding.strip().lower():
        case "quoted-printable":
            return quopri.decodestring(body)
        case "base64":
            whole = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
            try:
                return binascii.a2b_base64(
                    whole[: len(whole) // 4 * 4 or None] if len(whole) % 4 == 1 else whole + b"=="
                )
            except binascii.Error:
                return body
        case _:
            return body
