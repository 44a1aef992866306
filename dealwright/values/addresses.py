"""Addresses: which text is one of e-mail, and the normal form in which two of them are compared.

Messages are sent to an address as it is written. Whether two addresses are one is asked of their normal forms, wherever
one is stored or looked up: letters without case (mailboxes hardly ever tell it), composed (NFC), the domain as DNS has
it (IDNA). Dots and ``+tags`` count: they make other mailboxes with most providers. Of a phone number, where text
messages go, the normal form is E.164 (``dealwright.values.phone_numbers``).

The library ``email-validator`` judges both. It comes with the worker: the client's own packages do without it, and
see a mistake of syntax by the rules here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from dealwright.values.phone_numbers import e164

try:
    import email_validator as judge
except ModuleNotFoundError:  # another service: the worker judges
    judge = None  # type: ignore[assignment]

LONGEST = 254
"""Bytes of an address (RFC 5321: a path of 256, without its angle brackets)."""

_SYNTAX = re.compile(
    r"[^\s@<>()\[\]\\,;:\".\x00-\x1f\x7f]+(?:\.[^\s@<>()\[\]\\,;:\".\x00-\x1f\x7f]+)*"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}"
)
_LONGEST_LOCAL_PART = 64
_WITH_A_NAME = re.compile(r"[^<>]*<([^<>]*)>\s*")
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
"""Unicode's categories of what cannot be seen, or has no meaning of its own."""


@lru_cache(maxsize=8192)
def complaint_about_address(text: str) -> str | None:
    """What keeps a text from being an e-mail address; None when it is one."""
    if hidden := sorted({character for character in text if _is_unseen(character)}):
        codes = ", ".join(f"U+{ord(character):04X}" for character in hidden)
        return f"it has characters that cannot be seen ({codes}): leave them out"
    if len(text.encode()) > LONGEST:
        return f"it has {len(text.encode())} bytes: at most {LONGEST}"
    if not _SYNTAX.fullmatch(text) or len(text.partition("@")[0].encode()) > _LONGEST_LOCAL_PART:
        return "it is not of the form name@domain" if not _WITH_A_NAME.fullmatch(text) else "leave the name out"
    if judge is not None:
        try:
            _judged(text)
        except judge.EmailNotValidError as error:
            return str(error).rstrip(".")
    return None


@lru_cache(maxsize=8192)
def normal(address: str) -> str:
    """The form in which an address is compared and stored; of a normal form, the form itself.

    A text that is no address (recorded long ago, or named by somebody in a fact) is brought as near as it goes.
    """
    text = bare(address)
    if (number := e164(text)) is not None:
        return number
    if judge is not None:
        try:
            local, domain = _judged(text)
        except judge.EmailNotValidError:
            pass
        else:
            return f"{_folded(local)}@{domain}"
    seen = "".join(character for character in text if not _is_unseen(character))
    return _folded(seen).rstrip(".")


def bare(text: str) -> str:
    """The address alone, of one that may be written with a name: ``Ana Lopez <ana@buyer.example>``."""
    named = _WITH_A_NAME.fullmatch(text.strip())
    return (named[1] if named else text).strip()


def key_of(text: str) -> str:
    """What counts touches for somebody who is named by an address, or by another name: normal if it is an address."""
    return normal(text) if "@" in text else text


def same(one: str | None, other: str | None) -> bool:
    """Whether both are addresses, and the same one."""
    return one is not None and other is not None and "@" in one and normal(one) == normal(other)


def _judged(address: str) -> tuple[str, str]:
    """The local part, and the domain as DNS has it.

    Names that only a company's own network knows (``corp.local``) are judged as if they were public.
    """
    domain = address.rpartition("@")[2]
    private = domain.rpartition(".")[2].lower() in judge.SPECIAL_USE_DOMAIN_NAMES
    public = f"{address}{_PUBLIC}" if private else address
    found = judge.validate_email(public, check_deliverability=False)
    return found.local_part, (found.ascii_domain or "").lower().removesuffix(_PUBLIC if private else "")


_PUBLIC = ".example"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN
