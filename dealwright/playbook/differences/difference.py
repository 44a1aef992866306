"""One difference between two playbooks, as a sentence and as data."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, JsonValue

What = Literal["added", "removed", "changed", "moved"]


class Place(NamedTuple):
    """A part of a playbook: what kind it is of, its name, and how a sentence about it begins."""

    kind: str
    """``stage``, ``play``, ``template``, ``role`` … or ``playbook`` for the whole."""
    name: str
    within: str = ""
    """What of it, where it is about a part that has no name of its own: ``its second e-mail``."""
    step: str | None = None
    """The step's name."""

    @property
    def said(self) -> str:
        """How a sentence about it begins."""
        begins = f"{self.kind} {self.name}: " if self.kind != "playbook" else ""
        return f"{begins}{self.within}"


class Difference(BaseModel):
    """In what two playbooks differ: one sentence, with the values as both files write them."""

    model_config = ConfigDict(frozen=True)

    kind: str
    """What is another one: ``playbook``, ``role``, ``stage``, ``play``, ``template`` …"""
    name: str
    """The name of that."""
    step: str | None = None
    """The step of the play, by the name that tells it from the others."""
    field: str | None = None
    """The key, with those that it stands under: ``touches_per_contact.max``."""
    what: What
    before: JsonValue = None
    """As the first playbook has it; None for nothing."""
    after: JsonValue = None
    """As the second playbook has it; None for nothing."""
    text: str
    """The difference as a sentence."""


def difference(
    place: Place, what: What, text: str, *, field: str | None = None, before: JsonValue = None, after: JsonValue = None
) -> Difference:
    """A difference at a place; ``text`` goes on from how a sentence about the place begins."""
    return Difference(
        kind=place.kind, name=place.name, step=place.step, field=field, what=what, before=before, after=after,
        text=f"{place.said}{text}",
    )  # fmt: skip
