"""Phone numbers: which text is one in international form, and the normal form (E.164) in which two are compared.

A number without its country is none here: nobody can tell where it rings. The library ``phonenumbers`` (Google's own
data on every country's plan) judges. It comes with the worker: the client's own packages do without it, and see a
mistake of form by the rules here.
"""

from __future__ import annotations

import re
from functools import lru_cache

try:
    import phonenumbers as judge
except ModuleNotFoundError:  # another service: the worker judges
    judge = None  # type: ignore[assignment]

_INTERNATIONAL = re.compile(r"\+[0-9 ()./\-\u00a0\u2010-\u2015]{7,40}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_TRUNK_ZERO = re.compile(r"\(0\)")


@lru_cache(maxsize=8192)
def e164(text: str | None) -> str | None:
    """A number as ``+491701234567``; None for what is no number in international form. Of a normal form, itself."""
    written = (text or "").strip()
    if not _INTERNATIONAL.fullmatch(written):
        return None
    digits = f"+{re.sub('[^0-9]', '', _TRUNK_ZERO.sub('', written))}"
    if not _E164.fullmatch(digits):
        return None
    return digits if judge is None or _is_possible(digits) else None


def _is_possible(digits: str) -> bool:
    try:
        return judge.is_possible_number(judge.parse(digits))
    except judge.NumberParseException:
        return False
