"""E-mail addresses as they are compared: one normal form, wherever one is stored or looked up.

Messages are sent to an address as it is written; whether two of them are one is asked of their normal forms.
"""

from __future__ import annotations

import re

_WITH_A_NAME = re.compile(r"[^<>]*<([^<>]*)>\s*")


def normal(address: str) -> str:
    """The form in which an address is compared and stored. Total: what is no address is only trimmed and lowered."""
    return bare(address).casefold()


def bare(text: str) -> str:
    """The address alone, of one that may be written with a name: ``Ana Lopez <ana@buyer.example>``."""
    named = _WITH_A_NAME.fullmatch(text.strip())
    return (named[1] if named else text).strip()


def same(one: str | None, other: str | None) -> bool:
    """Whether both are given, and are one address."""
    return bool(one and other) and normal(one or "") == normal(other or "")
