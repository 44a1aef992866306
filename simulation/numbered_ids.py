"""Ids that hold the number of an entry: compared by which they are of their kind, not by that number.

What is called off before anybody has seen it leaves an entry, and what is called off later leaves none. So the same
deal numbers its later entries, and whatever is named by them, otherwise when the same is decided in parts.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

_NUMBER = re.compile(r"(?<=/)\d+$|(?<=[a-z])\d+")
"""The last part of an id, or what follows a word in it, as in ``task.moved12/3``."""


def named_by_order(texts: Iterable[str], deal_id: str, since: int) -> Counter[str]:
    """How often each text is there, once the ids of a deal in them are named by their order.

    ``since`` is the number of the last entry before the decisions that the texts are of. Numbers up to it, and other
    ones such as occurrences and visits, stay as they are.
    """
    ids = re.compile(rf"(?<={re.escape(deal_id)}/)[^\s\"'\\,;()]+")
    texts = list(texts)
    kinds: dict[str, set[int]] = defaultdict(set)
    for found in (id_ for text in texts for id_ in ids.findall(text)):
        for one in _late(found, since):
            kinds[_kind(found, one, since)].add(int(one[0]))
    order = {(kind, number): at for kind, numbers in kinds.items() for at, number in enumerate(sorted(numbers), 1)}

    def named(found: str) -> str:
        late = {one.start(): order[_kind(found, one, since), int(one[0])] for one in _late(found, since)}
        return _NUMBER.sub(lambda one: f"#{late[one.start()]}" if one.start() in late else one[0], found)

    return Counter(ids.sub(lambda one: named(one[0]), text) for text in texts)


def _late(found: str, since: int) -> list[re.Match[str]]:
    return [one for one in _NUMBER.finditer(found) if int(one[0]) >= since]


def _kind(found: str, one: re.Match[str], since: int) -> str:
    return _NUMBER.sub(lambda each: "#" if int(each[0]) >= since else each[0], found[: one.start()])
