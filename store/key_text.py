"""The text of an API key: how one is made, recognised, and named without giving it away.

A key is ``dwk_``, 43 random characters and 6 of checksum (CRC-32, in base 62). The first characters are the same in
every key, and the checksum tells a key from a text that only looks like one: so scanners of source code and logs find
keys that leaked, and hardly ever anything else.

The store keeps a key's SHA-256. A slow hash would protect nothing: it makes guessing costly where few texts have to be
tried, such as passwords, and nobody can try 2**256 keys. But it would cost each request time, and whoever sends wrong
keys could spend the gateway's.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

BEGINS = "dwk_"
"""How every key begins."""
PATTERN = re.compile(r"dwk_[0-9A-Za-z]{49}")
"""For scanners: what a key looks like."""
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM, _CHECKSUM, _ID = 43, 6, 8
"""Characters. 43 of 62 hold 256 bits; the 8 that name a key leave 208 that nobody sees."""


def new_key() -> str:
    """A key that nobody has."""
    random = BEGINS + "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM))
    return random + _checksum(random)


def is_key(text: str) -> bool:
    """Whether a text is a key that could have been made here."""
    return PATTERN.fullmatch(text) is not None and text[-_CHECKSUM:] == _checksum(text[:-_CHECKSUM])


def id_of(key: str) -> str:
    """What names a key in lists and logs: its first random characters."""
    return key[len(BEGINS) : len(BEGINS) + _ID]


def digest_of(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    while number or len(digits) < _CHECKSUM:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
