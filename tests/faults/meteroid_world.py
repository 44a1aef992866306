"""A world that bills in a simulated Meteroid tenant."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml
from typing_extensions import override

from dealwright.facts import ContractAmended, ContractSigned, Fact
from store import bundles
from tests.faults.tool_world import ToolWorld

_PLAYBOOK = """
playbook: billed
calendar: {hours: "Mon-Sun 00:00-24:00"}
roles:
  rep: {title: Whoever sells}
ends:
  - {when: deal_lost, as: lost}
plays:
  - {name: bill, on: contract_signed, do: [{subscribe: growth, every: month, payment_days: 14}]}
  - {name: paid, on: invoice_paid, alone: true, do: [{notify: rep, text: They paid}]}
stages:
  - {name: selling, owner: rep, leave_when: contract_signed, stalls_after: 2000d}
  - {name: customer, owner: rep, stalls_after: 2000d}
"""


class MeteroidWorld(ToolWorld):
    """One installation that bills in one Meteroid tenant."""

    @override
    async def prepare(self) -> None:
        await bundles.publish(self.world.store, "billed", {"playbook.yaml": _PLAYBOOK})
        _bill_in_meteroid(Path(self.environment["DEALWRIGHT_CONNECTIONS"]))

    async def begin(self, number: int) -> str:
        """A deal of an account of its own."""
        domain = f"buyer-{number}.example"
        return await self.world.open(
            "billed",
            contacts=[{"id": "ada", "name": "Ada Berg", "email": f"ada@{domain}"}],
            account={"id": domain, "name": f"Buyer {number}", "domain": domain},
        )

    async def sign(self, deal_id: str, starts_on: date, yearly: int, months: int = 12) -> None:
        """A contract is signed about so many months, and what comes each year; or that is told of it anew."""
        days = {"starts_on": starts_on, "ends_on": last_day(starts_on, months)}
        recurring = {"amount": yearly, "currency": "EUR"}
        told = f"signed-{len(await self.facts(deal_id, 'contract_signed'))}"
        await self._tell(deal_id, ContractSigned, id=told, term=1, recurring=recurring, **days)

    async def shorten(self, deal_id: str, starts_on: date) -> None:
        """The term is amended to half a year."""
        await self._tell(deal_id, ContractAmended, id="amended", term=1, ends_on=last_day(starts_on, 6))

    async def is_shortened(self, deal_id: str) -> None:
        """Wait until Meteroid is to end the subscription sooner, and the deal knows."""

        async def ends_sooner() -> bool:
            (one,) = await self.subscriptions(deal_id)
            return one["cancelled_from"] is not None and not await self.under_way()

        await self.until("a shorter subscription", ends_sooner)

    async def _tell(self, deal_id: str, fact: type[Fact], **about: object) -> None:
        now = await self.world.now(deal_id)
        await self.world.deals.record(deal_id, fact.model_validate({"at": now, **about}))

    async def subscriptions(self, deal_id: str) -> list[dict[str, Any]]:
        """All subscriptions of a deal, the oldest first."""
        state: Any = await self.simulator.state()
        held = state["subscriptions"].values()
        return [one for one in held if one["told"]["invoice_memo"] == f"Reference: {deal_id}, term 1"]

    async def subscription(self, deal_id: str) -> dict[str, Any]:
        """The deal's subscription, as soon as there is one and the deal knows it."""

        async def there() -> bool:
            return bool(await self.subscriptions(deal_id)) and not await self.under_way()

        await self.until("a subscription", there)
        return (await self.subscriptions(deal_id))[0]


def last_day(starts_on: date, months: int) -> date:
    """The last day of a term of so many months that begins on the first of a month."""
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    return date.fromordinal(date(year, month + 1, 1).toordinal() - 1)


def _bill_in_meteroid(connections: Path) -> None:
    file = yaml.safe_load(connections.read_text("utf-8"))
    file["billing"] = "meteroid"
    file["tools"]["meteroid"]["plans"] = {"growth": {"plan": "plan_growth", "component": "price_growth"}}
    connections.write_text(yaml.safe_dump(file), "utf-8")
