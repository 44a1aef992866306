"""What contracts tell: signed, amended, renewed, cancelled, and deals that are lost."""

from __future__ import annotations

from typing import ClassVar

from deals.deal import Contract, Deal, Known, Money
from deals.facts.base import Fact
from deals.recorded import Day, Text


class ContractSigned(Fact):
    """Both sides signed; the term runs from ``starts_on`` to ``ends_on``, both included."""

    name = "contract_signed"
    offers: ClassVar[dict[str, str]] = {"contract.value": "value", "deal.amount": "value"}
    starts_on: Day
    ends_on: Day
    value: Money | None = None

    def learn(self, deal: Deal) -> Known | None:
        contract = Contract(starts_on=self.starts_on, ends_on=self.ends_on, value=self.value)
        return Known(contract=contract, amount=self.value)


class ContractAmended(Fact):
    """The running term ends on another day than was signed."""

    name = "contract_amended"
    offers: ClassVar[dict[str, str]] = {"contract.value": "value"}
    ends_on: Day
    value: Money | None = None

    def learn(self, deal: Deal) -> Known | None:
        if deal.contract is None:
            return None
        changes: dict[str, object] = {"ends_on": self.ends_on}
        if self.value is not None:
            changes["value"] = self.value
        return Known(contract=deal.contract.model_copy(update=changes))


class ContractRenewed(ContractSigned):
    """The next term was signed."""

    name = "contract_renewed"


class ContractCancelled(Fact):
    """The customer will not renew, or left."""

    name = "contract_cancelled"
    reason: Text | None = None


class DealLost(Fact):
    """The buyer decided against us, or we gave up."""

    name = "deal_lost"
    reason: Text | None = None
