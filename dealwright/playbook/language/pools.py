"""Pools: people who may get a deal, and how one of them is chosen."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from dealwright.deal import Person
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.playbook.language.condition_syntax import Condition
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.team import OwnHours
from dealwright.values.addresses import complaint_about_address, normal
from dealwright.values.recorded import Given, Name

_MOST = 10_000
ChosenBy: TypeAlias = Literal["round_robin", "load"]


def _gets_some(weight: int) -> int:
    if not 1 <= weight <= _MOST:
        raise BadValue(f"with a weight of {weight} nobody gets their share", "write a weight from 1, or take them out")
    return weight


def _holds_some(capacity: int) -> int:
    if not 1 <= capacity <= _MOST:
        raise BadValue(f"with a capacity of {capacity} nobody gets a deal", "write one from 1, or take them out")
    return capacity


def _address(email: str) -> str:
    if complaint := complaint_about_address(email):
        raise BadValue(f"{email!r} is no e-mail address: {complaint}", "write their address, such as ana@example.com")
    return email


class Member(Given):
    """Somebody who may get deals of a pool."""

    name: Name
    """What they are called."""
    email: Annotated[Name, AfterValidator(_address)]
    """Their address: by it they are known in all pools and deals."""
    weight: Annotated[int, AfterValidator(_gets_some)] = 1
    """How many deals they get for each one that somebody of weight 1 gets."""
    capacity: Annotated[int, AfterValidator(_holds_some)] | None = None
    """How many open deals they have at the most."""
    territory: Condition | None = None
    """Which deals they get; without it, any."""
    cover: Name | None = None
    """Who of the pool takes their turns while they are away, by address; without one, whoever is next."""
    timezone: Name | None = None
    """Their time zone, such as Europe/Berlin."""
    country: Name | None = None
    """Their country or subdivision, such as DE or US-CA: its public holidays are kept."""
    hours: OwnHours | None = None
    """The hours of the week in which they work; without them, those of the role that they get, else the calendar's."""

    @property
    def key(self) -> str:
        """Their address in its normal form."""
        return normal(self.email)

    def person(self) -> Person:
        """Them, as a deal knows who holds a role."""
        hours = None if self.hours is None else str(self.hours)
        return Person(name=self.name, email=self.email, timezone=self.timezone, country=self.country, hours=hours)


class Pool(Given):
    """People of whom one gets a deal."""

    members: Annotated[tuple[Member, ...], Field(min_length=1, max_length=200)]
    """Who belongs to it. Of two whose turn it is, the one who stands first here gets the deal."""
    by: ChosenBy = "round_robin"
    """How one is chosen: in turn, by weight, or who has the fewest open deals for their weight."""
    first: Literal["account_owner"] | None = None
    """Who goes before: whoever of the pool has, or had last, a deal of the same account."""
    at_work: bool = False
    """Whether those come first who are at work when the deal comes, then whoever begins next."""
    otherwise: Word | None = None
    """The role that is asked to choose when nobody can be chosen; without it, the deal waits for somebody."""

    @model_validator(mode="after")
    def _everybody_once(self) -> Self:
        keys = [member.key for member in self.members]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                raise BadValue(f"{key} stands in the pool twice", "keep one of them; weight gives somebody more")
        return self

    @model_validator(mode="after")
    def _covered_by_others(self) -> Self:
        keys = [member.key for member in self.members]
        for member in self.members:
            if member.cover is not None and normal(member.cover) == member.key:
                raise BadValue(f"{member.key} covers for themselves", "name another member, or take cover out")
            if member.cover is not None and normal(member.cover) not in keys:
                raise BadValue(f"{member.cover!r} is no member of the pool", did_you_mean(member.cover, keys))
        return self
