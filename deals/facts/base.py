"""What every fact has, and the registry of all of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from deals.deal import Deal, Known
from deals.recorded import Bounded, Moment, Name, Reference, Text

TOLD: dict[str, type[Fact]] = {}
"""Every fact by its name, as they come to be known."""

Percent = Annotated[Decimal, Field(ge=0, le=100)]


class Fact(Bounded):
    """Something that happened outside.

    ``id`` tells a repeated delivery from a second happening; without one a fact is accepted and not
    deduplicated. ``at`` is when it happened; without it the deal's time of receipt is taken.
    """

    name: ClassVar[str]
    variant_field: ClassVar[str | None] = None
    """The field whose value a playbook may ask for: ``reply_received: interested``."""
    declared_as: ClassVar[str | None] = None
    """What the variant is, where a playbook may declare all of them: a ``signal`` is one of its ``signals``."""
    names_a_person: ClassVar[bool] = False
    """Whether it says of whom it is, by ``contact`` or ``address``."""
    offers: ClassVar[dict[str, str]] = {}
    """What this fact puts to the buyer: paths of the deal, each with the field that says it."""
    about_a_person: ClassVar[bool] = False
    """Whether it ends only plays whose messages go to the person it is about, where they end by it."""

    id: Reference | None = None
    at: Moment | None = None
    by: Name | None = None
    source: Name | None = None
    """Which system reported it."""
    note: Text | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "name" in cls.__dict__:
            TOLD[cls.name] = cls

    def learn(self, deal: Deal) -> Known | None:
        """What the deal knows more after this fact, as a patch; None when it only happened."""
        return None

    @property
    def variant(self) -> str | None:
        """The value of the variant field, as the playbook writes it."""
        value = getattr(self, self.variant_field) if self.variant_field else None
        return None if value is None else str(value)
