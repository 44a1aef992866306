"""A world that bills in a simulated Stripe account, whose clock goes with the deal's own."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import yaml
from typing_extensions import override

from dealwright.commands import DecideApproval
from dealwright.facts import Fact
from dealwright.views.snapshot import ApprovalView
from store import bundles, journal
from tests.faults.tool_world import ToolWorld

PAYS = "fin@acme.example"
PLAYBOOK = """
playbook: quote-to-cash
calendar: {hours: "Mon-Sun 00:00-24:00"}
roles:
  rep: {title: Whoever sells}
  boss: {title: Whoever grants discounts}
renews_on: contract_renewed
ends:
  - {when: deal_lost, as: lost}
approvals:
  - {name: discount, of: proposal.discount, levels: [{up_to: 10}, {by: [boss]}]}
plays:
  - {name: ask, on: discount_requested, do: [{approval: discount}]}
  - {name: bill, on: contract_signed, do: [{subscribe: growth, payment_days: 30, bill_to: finance}]}
  - {name: paid, on: invoice_paid, alone: true, do: [{notify: rep, text: They paid}]}
  - {name: used, on: usage_reported, alone: true, do: [{notify: rep, text: They use it}]}
stages:
  - {name: selling, owner: rep, leave_when: contract_signed, stalls_after: 2000d}
  - name: customer
    owner: rep
    stalls_after: 2000d
    plays:
      - {name: keep, on: entered, do: [{at: {after: contract.ends_on, by: 90d}, task: win_back, due: 5d}]}
"""


class StripeWorld(ToolWorld):
    """One installation that bills in one Stripe account."""

    @override
    async def prepare(self) -> None:
        await bundles.publish(self.world.store, "quote-to-cash", {"playbook.yaml": PLAYBOOK})
        bill_in_stripe(Path(self.environment["DEALWRIGHT_CONNECTIONS"]))

    async def begin(self) -> str:
        """A deal of Acme's, where somebody else pays than decides."""
        return await self.world.open(
            "quote-to-cash",
            account={"id": "acme", "name": "Acme", "domain": "acme.example"},
            contacts=[
                {"id": "ada", "name": "Ada Berg", "email": "ada@acme.example"},
                {"id": "fin", "name": "Finn Ott", "email": PAYS, "role": "finance"},
            ],
        )

    async def tell(self, deal_id: str, fact: type[Fact], **about: object) -> None:
        """Tell the deal a fact, which happened now by its own clock."""
        now = await self.world.now(deal_id)
        await self.world.deals.record(deal_id, fact.model_validate({"at": now, **about}))

    async def asked(self, deal_id: str) -> ApprovalView:
        """The approval that is asked for, as soon as one is."""
        seen = await self.see(deal_id, "an approval", lambda seen: bool(seen.open_approvals))
        return seen.open_approvals[0]

    async def approve(self, deal_id: str, approval: ApprovalView) -> None:
        """Say yes to exactly what is asked."""
        yes = DecideApproval(by=approval.waits_for, approval=approval.id, answer="approve", terms=dict(approval.terms))
        verdict = await self.world.deals.command(deal_id, yes)
        assert verdict.accepted, verdict

    async def pass_days_until(self, deal_id: str, day: date) -> None:
        """Let time pass until noon of a day, here and in Stripe."""
        noon = datetime.combine(day, time(12))
        now = await self.world.now(deal_id)
        await self.world.pass_time_until(deal_id, noon.replace(tzinfo=now.tzinfo))
        await self.simulator.change(do="advance", to=noon.isoformat())

    async def subscriptions(self, count: int) -> list[dict[str, Any]]:
        """The account's subscriptions, the oldest first, as soon as there are so many."""

        async def there() -> bool:
            return len(await self._held("subscriptions")) >= count

        await self.until(f"{count} subscriptions", there)
        return await self._held("subscriptions")

    async def invoices(self) -> list[dict[str, Any]]:
        """All invoices of the account, the oldest first."""
        return await self._held("invoices")

    async def customers(self) -> list[dict[str, Any]]:
        """Whoever pays."""
        return await self._held("customers")

    async def _held(self, what: str) -> list[dict[str, Any]]:
        state: Any = await self.simulator.state()
        return [*state[what].values()]

    async def journal(self, deal_id: str) -> list[dict[str, Any]]:
        """All that became of the deal, over all its terms."""
        return [{**line.entry} for line in await journal.story(self.world.store, deal_id)]

    async def paid(self, deal_id: str, count: int) -> None:
        """Wait until the deal knows of so many invoices that were paid."""

        async def told() -> bool:
            facts = [one.get("fact") for one in await self.journal(deal_id)]
            return facts.count("invoice_paid") >= count

        await self.until(f"{count} paid invoices", told)


def bill_in_stripe(connections: Path) -> None:
    """Have the installation of a connections file bill in its Stripe account."""
    file = yaml.safe_load(connections.read_text("utf-8"))
    file["billing"] = "stripe"
    file["tools"]["stripe"]["plans"] = {"growth": {"product": "prod_growth"}}
    connections.write_text(yaml.safe_dump(file), "utf-8")
