"""A fact on its way to its deal, after the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from dealwright.facts import FACTS, Fact
from dealwright.validation.opening import check_fact
from dealwright.validation.reading import read_fields


@dataclass(frozen=True)
class CheckedFact:
    """A fact that was read and checked at the door by which it came in: by HTTP, by a webhook, in Python.

    Nobody on its way reads it again, but for the deal itself: plain signals come from anywhere, and what a fact may
    look like may have changed since.
    """

    name: str
    id: str
    payload: Mapping[str, object]
    """The fact as plain JSON: what was given, be it nothing (``null``)."""
    as_read: Fact | None = None
    """What was read at the door; None once it was kept as JSON only."""

    @classmethod
    def of(cls, fact: Fact | CheckedFact) -> CheckedFact:
        """Check a fact. One without an id gets one, so that it counts once though it is sent twice.

        Raises:
            BadDeal: everything that is wrong, with its place and remedy.
        """
        if isinstance(fact, CheckedFact):
            return fact
        named = fact if fact.id else fact.model_copy(update={"id": str(uuid4())})
        check_fact(named)
        return cls(named.name, str(named.id), named.model_dump(mode="json", exclude_unset=True), named)

    @classmethod
    def kept(cls, name: str, payload: Mapping[str, object]) -> Self:
        """A fact that was checked before it was kept as JSON."""
        id_ = str(payload.get("id") or uuid4())
        return cls(name, id_, {**payload, "id": id_})

    def content(self) -> Fact:
        """What it says, for whoever must know although the deal does not hear of it.

        Raises:
            BadDeal: an earlier release kept it that took it, and this one does not.
        """
        return self.as_read or read_fields(FACTS[self.name], self.payload)
