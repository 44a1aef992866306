"""What contracts tell: signed, amended, renewed, cancelled, and deals that are lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dealwright.deal import Contract, Known, Money
from dealwright.facts.base import AboutThing, Address, Explained, Fact
from dealwright.values.recorded import Day, Name, Text, Whole

__all__ = [
    "ContractAmended",
    "ContractCancelled",
    "ContractOpened",
    "ContractRenewed",
    "ContractSent",
    "ContractSigned",
    "ContractWithdrawn",
    "DealLost",
]


class _AboutTerm(AboutThing):
    thing = "contract"
    teaches: ClassVar[tuple[str, ...]] = ("contract",)
    term: Name | Annotated[Whole, Field(ge=1, le=1000, strict=True)] | None = None
    """Which term: its number, from 1, or what the contract is called where it was signed."""

    @property
    def named(self) -> str | None:
        return None if self.term is None else str(self.term)


class ContractSigned(_AboutTerm):
    """Both sides signed; the term runs from ``starts_on`` to ``ends_on``, both included."""

    name, turn, status = "contract_signed", "begins", "signed"
    for_a_person = True
    teaches = ("contract", "amount")
    dates = ("contract.starts_on", "contract.ends_on")
    offers: ClassVar[dict[str, str]] = {"contract.value": "value", "deal.amount": "value"}
    starts_on: Day
    ends_on: Day
    value: Money | None = None
    recurring: Money | None = None
    """What of the value comes again each year."""
    one_off: Money | None = None
    """What of the value comes once."""

    def says(self) -> Iterator[tuple[str, object]]:
        yield "starts_on", self.starts_on
        yield "ends_on", self.ends_on
        for field in ("value", "recurring", "one_off"):
            if field in self.model_fields_set:
                yield field, getattr(self, field)

    def learn(self) -> Known | None:
        signed = Contract(
            starts_on=self.starts_on, ends_on=self.ends_on, recurring=self.recurring, one_off=self.one_off
        )
        return Known(contract=signed, amount=self.value)


class ContractAmended(_AboutTerm):
    """A term ends on another day than was signed; without ``term``, the one that runs at the time."""

    name, turn = "contract_amended", "goes_on"
    offers: ClassVar[dict[str, str]] = {"contract.value": "value"}
    ends_on: Day
    value: Money | None = None

    def says(self) -> Iterator[tuple[str, object]]:
        yield "ends_on", self.ends_on
        if "value" in self.model_fields_set:
            yield "value", self.value


class ContractRenewed(ContractSigned):
    """The next term was signed."""

    name = "contract_renewed"
    follows = "contract.ends_on"


class ContractCancelled(Explained, _AboutTerm):
    """The customer will not renew, or left. Taken back, it is retracted (``fact_retracted``)."""

    name, turn, status = "contract_cancelled", "goes_badly", "cancelled"
    explains = "churned"
    reason: Text | None = None


class ContractSent(Fact):
    """A contract went out for signature."""

    name = "contract_sent"
    teaches = ("amount",)
    offers: ClassVar[dict[str, str]] = {"contract.value": "value", "deal.amount": "value"}
    contract: Name | None = None
    """Which one, as the tool for signatures calls it."""
    link: Name | None = None
    template: Name | None = None
    """What it was made from, with its version."""
    value: Money | None = None
    """What it costs as a whole, where that is not what the deal sent it for."""

    def learn(self) -> Known | None:
        return None if self.value is None else Known(amount=self.value)


class ContractOpened(Fact):
    """Somebody whose signature is wanted has looked at the contract."""

    name = "contract_opened"
    contract: Name | None = None
    """Which one, as the tool for signatures calls it."""
    contact: Name | None = None
    address: Address | None = None


class ContractWithdrawn(Fact):
    """A contract that was out for signature is no longer: we took it back, somebody declined it, it expired."""

    name = "contract_withdrawn"
    variant_field = "how"
    how: Literal["voided", "declined", "expired", "replaced"] = "voided"
    """``replaced``: another version follows."""
    contract: Name | None = None
    """Which one, as the tool for signatures calls it."""
    reason: Text | None = None


class DealLost(Explained):
    """The buyer decided against us, or we gave up."""

    name = "deal_lost"
    explains = "lost"
    reason: Text | None = None
