"""What was meant by what is no condition: a comparison with signs, another word for all and any, half of a path."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.facts import FACTS
from dealwright.playbook.language.paths import Path, all_paths
from dealwright.playbook.language.triggers import EVENTS

_JOINED_BY = {"and": "all", "or": "any", "none": "not", "nor": "not", "unless": "not"}
"""What people write for the words that join conditions."""
_SIGNS = {"<=": "lte", ">=": "gte", "<": "lt", ">": "gt", "==": "", "=": ""}
_WITH_SIGN = re.compile(r"([a-z_]+(?:\.[a-z_]+)+)\s*(<=|>=|==|<|>|=)\s*(\S.*)")
"""A comparison as programs write it."""


def refuse_what_is_meant_otherwise(written: str, own: Mapping[str, Path]) -> None:
    """Look at a word that stands where a fact may; ``own`` are the paths that the playbook declares.

    Raises:
        BadValue: it is no fact, and what was probably meant.
    """
    if written in FACTS or written in EVENTS:
        return
    if (compared := _WITH_SIGN.fullmatch(written.strip())) is not None:
        path, sign, limit = compared.groups()
        test = f"{{{_SIGNS[sign]}: {limit}}}" if _SIGNS[sign] else limit
        raise BadValue(f"{written!r} is no condition", f"write {{{path}: {test}}}")
    if written in _JOINED_BY:
        raise BadValue(f"{written!r} joins no conditions here", f"write {_JOINED_BY[written]}")
    paths = [each for each in (*all_paths(), *own) if "." in each]
    if written in paths:
        raise BadValue(f"{written!r} alone asks nothing", f"write {{{written}: {{known: true}}}}, or another test")
    if meant := [repr(each) for each in paths if each.partition(".")[2] == written]:
        raise BadValue(f"{written!r} is no fact or event", f"did you mean {' or '.join(meant)}?")
