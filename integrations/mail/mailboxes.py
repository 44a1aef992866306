"""Senders and recipients: a name, and an address that mail can go to."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import idna

from integrations.kit.errors import Refused
from integrations.mail.headers import plain

LONGEST_ADDRESS = 254
_LONGEST_LOCAL_PART = 64
# RFC 5322's dot-atom, with letters beyond ASCII (RFC 6532). No quoted local parts: hardly anybody has one, and
# servers read them differently.
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]"
_LOCAL_PART = re.compile(rf"{_ATEXT}+(\.{_ATEXT}+)*")
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*")
# Letters, marks, numbers, punctuation and symbols are text; controls, formats (bidi, zero width), separators,
# surrogates and unassigned code points are not what an address is made of.
_IN_AN_ADDRESS = "LMNPS"


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """One sender or recipient. The domain stands as DNS has it (``xn--…``), which every mail server takes."""

    name: str
    address: str

    @property
    def needs_utf8(self) -> bool:
        """Whether only a server with SMTPUTF8 can take it: the part before the ``@`` has letters beyond ASCII."""
        return not self.address.isascii()


def mailbox(name: str, address: str | None) -> Mailbox:
    """The mailbox of a person.

    Raises:
        Refused: it has no address, or what it has is none.
    """
    if not address or not address.strip():
        raise Refused(f"{plain(name)} has no e-mail address")
    found = deliverable(address.strip())
    if found is None:
        raise Refused(f"{address[:300]!r} of {plain(name)} is no e-mail address: write it like ada@example.com")
    return Mailbox(name=plain(name), address=found)


def deliverable(address: str) -> str | None:
    """An address as it stands in messages and envelopes; None when it is none.

    What looks like an encoded word is none: readers would decode it, and find another address.
    """
    local, at, domain = address.rpartition("@")
    local = unicodedata.normalize("NFC", local)
    if not at or not _LOCAL_PART.fullmatch(local) or "=?" in local or not _is_text(local):
        return None
    host = _in_dns(domain)
    if host is None or len(local.encode()) > _LONGEST_LOCAL_PART:
        return None
    whole = f"{local}@{host}"
    return whole if len(whole.encode()) <= LONGEST_ADDRESS else None


def _in_dns(domain: str) -> str | None:
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    return domain if _DOMAIN.fullmatch(domain) else None


def _is_text(local: str) -> bool:
    return all(unicodedata.category(character)[0] in _IN_AN_ADDRESS for character in local)
