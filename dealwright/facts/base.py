"""What every fact has, and the registry of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, TypeAlias, get_args

from pydantic import AfterValidator, Field

from dealwright.deal import Known, OwnValue
from dealwright.values.addresses import bare
from dealwright.values.recorded import Bounded, Day, Moment, Name, Reference, Text

TOLD: dict[str, type[Fact]] = {}
"""Every fact by its name, as they come to be known."""

Address = Annotated[Name, AfterValidator(bare)]
"""An e-mail address; a name beside it (``Ana Lopez <ana@buyer.example>``) is left out."""
Fields = Annotated[dict[Name, OwnValue | None], Field(max_length=100)]
"""Values of fields that the deal's playbook declares, by name; ``null`` clears one."""
Percent = Annotated[Decimal, Field(ge=0, le=100)]
Thing: TypeAlias = Literal["meeting", "demo", "proposal", "contract"]
"""What a deal may have several of; a fact about one of them names it by its id, or its date."""
Turn: TypeAlias = Literal["begins", "goes_on", "goes_well", "goes_badly"]
"""What a fact means for its thing: it begins (anew), something happens to it, or it ends, well or badly."""


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
    offers: ClassVar[dict[str, str]] = {}
    """What this fact puts to the buyer: paths of the deal, each with the field that says it."""
    teaches: ClassVar[tuple[str, ...]] = ()
    """The parts of the deal that it may change."""
    dates: ClassVar[tuple[str, ...]] = ()
    """The dates of the deal that are known after it: ``demo.starts_at``. Plays by such a date wait for it."""
    follows: ClassVar[str | None] = None
    """The date that it takes the place of, with the next one of its kind: nothing is written before that one then."""
    always_decided: ClassVar[bool] = False
    """Whether it needs a decision at once, although no play may wait for it."""
    counts_after_the_end: ClassVar[bool] = False
    """Whether a finished deal takes it in too: other deals must hear of it."""
    explains: ClassVar[str | None] = None
    """The outcome for which it may give a reason, where the playbook does not end the deal by it in another way."""
    for_a_person: ClassVar[bool] = False
    """Whether the last owner of a finished deal hears of it: the buyer is back."""

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

    def learn(self) -> Known | None:
        """What it says about the deal, as a patch of just these parts; None when it only happened."""
        return None

    def tells_also(self) -> Fact | None:
        """Another fact of which it tells as well; None for most."""
        return None

    def no_longer(self, *fields: str) -> tuple[str, ...] | None:
        """Those of its fields that were given as nothing, which clears what the deal knew."""
        return tuple(name for name in fields if name in self.model_fields_set and getattr(self, name) is None) or None

    @property
    def is_for_a_person(self) -> bool:
        """Whether this one is such that the last owner of a finished deal hears of it."""
        return self.for_a_person

    @classmethod
    def variants(cls) -> tuple[str, ...]:
        """The variants that it may have, where they are limited."""
        known = get_args(cls.model_fields[cls.variant_field].annotation) if cls.variant_field else ()
        return tuple(each for each in known if isinstance(each, str))

    @property
    def variant(self) -> str | None:
        """The value of the variant field, as the playbook writes it."""
        value = getattr(self, self.variant_field) if self.variant_field else None
        return None if value is None else str(value)


class Explained(Fact):
    """A fact that may say why a deal ends; ``reason`` says it in anybody's words."""

    reason_code: Name | None = None
    """One of the reasons that the playbook lists for the outcome."""
    competitor: Name | None = None
    """Whom the buyer chose instead."""
    back_on: Day | None = None
    """The day on which to come back."""


class AboutPerson(Fact):
    """A fact about somebody on the buying side, named by ``contact``, by ``address``, or both.

    One that names nobody is about whoever messages go to. What it says here of its variants is read also when a
    deal's stored story is told again: it stays as it is.
    """

    ends_plays_to_them_only: ClassVar[bool] = False
    """Whether, of the plays that end by it, it ends those alone whose messages go to whom it is about."""
    about_an_address: ClassVar[bool] = False
    """Whether it is about the address that a message went to, and about a person only as far as they have it."""
    else_heard_as: ClassVar[dict[str, str]] = {}
    """As which variant one is heard also, where the playbook speaks of it nowhere."""
    silences_for_all: ClassVar[bool] = False
    """Whether it may silence an address in all deals: one deal cannot take it back."""
    contact: Name | None = None
    address: Address | None = None

    @classmethod
    def silences(cls, variant: str | None) -> str | None:  # noqa: ARG003 - for those that have variants
        """Why its addresses get no more marketing, from any deal; None when they still do."""
        return None

    @classmethod
    def ends_all_mail(cls, variant: str | None) -> bool:  # noqa: ARG003
        """Whether its addresses take no mail at all any more."""
        return False

    @classmethod
    def is_written_by_them(cls, variant: str | None) -> bool:  # noqa: ARG003
        """Whether they wrote themselves: who does is not away."""
        return False


class AboutThing(Fact):
    """A fact about one meeting, demo, proposal or contract term of the deal.

    The field that names it is called like the thing. Without it, the fact is about the one with its date, or about
    the one that the deal is about now.
    """

    thing: ClassVar[Thing]
    turn: ClassVar[Turn]
    status: ClassVar[str | None] = None
    """What the thing's status is after it."""

    @property
    def named(self) -> str | None:
        """The id of what it is about, where it was given."""
        return None

    def says(self) -> Iterator[tuple[str, object]]:
        """What it says about the thing, by the thing's fields; a field that was not given is left out."""
        yield from ()
