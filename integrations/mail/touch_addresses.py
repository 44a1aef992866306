"""Addresses of one message: where its bounces, its answers and its unsubscriptions go.

Each names the touch, so that what comes back finds its deal even where programs cut every header (a variable envelope
return path, and an address with a ``+``). The rest of the name is a signature: nobody can make an address for a
message that they did not get.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Literal

Purpose = Literal["bounce", "reply", "unsubscribe"]
TOUCH_LENGTH, _SIGNATURE_LENGTH = 16, 10
LONGEST_LOCAL_PART = 64 - 1 - (1 + TOUCH_LENGTH + _SIGNATURE_LENGTH)
"""Characters that may stand before the ``+`` of an address (RFC 5321 allows 64 in all)."""
_LETTERS: dict[str, Purpose] = {"b": "bounce", "r": "reply", "u": "unsubscribe"}
_TAG = re.compile(rf"(?:^|[+=])([bru])([a-z2-7]{{{TOUCH_LENGTH}}})([a-z2-7]{{{_SIGNATURE_LENGTH}}})$")


@dataclass(frozen=True)
class NamedTouch:
    """The touch that an address names, and what the address is for."""

    purpose: Purpose
    touch: str


@dataclass(frozen=True, kw_only=True)
class TouchAddresses:
    """Makes the addresses. ``mailbox`` is what an installation receives mail at.

    ``deals@in.example.com`` gives ``deals+<tag>@in.example.com``; a domain alone, all of whose mail comes in, gives
    ``<tag>@in.example.com``. ``secret`` is the installation's (see ``store.unsubscribe``).
    """

    mailbox: str
    secret: bytes

    def of(self, effect_id: str, purpose: Purpose) -> str:
        """The address of a message for one purpose; always the same."""
        local, _, domain = self.mailbox.rpartition("@")
        tag = tag_for(touch_of(effect_id), purpose, self.secret)
        return f"{local}+{tag}@{domain}" if local else f"{tag}@{domain}"


def touch_of(effect_id: str) -> str:
    """What stands for an effect in an address."""
    return _text(hashlib.sha256(effect_id.encode()).digest())[:TOUCH_LENGTH]


def tag_for(touch: str, purpose: Purpose, secret: bytes) -> str:
    """The part of an address that names a touch."""
    return purpose[0] + touch + _signature(touch, purpose, secret)


def touch_in(address: str, secret: bytes) -> NamedTouch | None:
    """The touch that an address names; None for an address that this secret did not make."""
    found = _TAG.search(address.rpartition("@")[0].lower())
    if found is None:
        return None
    purpose, touch = _LETTERS[found[1]], found[2]
    right = hmac.compare_digest(found[3], _signature(touch, purpose, secret))
    return NamedTouch(purpose, touch) if right else None


def _signature(touch: str, purpose: Purpose, secret: bytes) -> str:
    return _text(hmac.digest(secret, f"mail:{purpose}:{touch}".encode(), hashlib.sha256))[:_SIGNATURE_LENGTH]


def _text(digest: bytes) -> str:
    return base64.b32encode(digest).decode().lower()
