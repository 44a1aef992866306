"""A world whose proposals and contracts are signed in a tool for documents, and whose contracts Stripe bills."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from typing_extensions import override

from dealwright.facts import CrmPropertiesChanged, DiscountRequested, FieldsLearned
from store import bundles
from tests.faults.stripe_world import PLAYBOOK, StripeWorld, bill_in_stripe

_DAY = timedelta(days=1)
_HELD = {"pandadoc": ("document", "documents"), "docusign": ("envelope", "envelopes")}
"""What each tool calls a document, and all of them."""
_DOCUMENTS = """
fields: {{starts_on: date, ends_on: date}}
documents:
  offer: {{tool: {tool}, template: offer, version: 3, needs: discount, terms: &terms {{amount: deal.amount,
    discount: proposal.discount}}}}
  paper: {{kind: contract, tool: {tool}, template: offer, version: 3, needs: discount, terms: *terms,
    starts_on: fields.starts_on, ends_on: fields.ends_on}}
plays:
  - {{name: offer, on: discount_requested, if: {{deal.stage: selling}}, do: [{{document: offer}}]}}
  - {{name: paper, on: proposal_accepted, do: [{{document: paper}}]}}
  - {{name: again, on: discount_requested, if: {{deal.stage: customer}}, do: [{{document: paper}}]}}
"""


class PaperWorld(StripeWorld):
    """One installation with a tool for documents beside Stripe."""

    @property
    def tool(self) -> str:
        """The tool for documents."""
        return next(name for name in self.simulators if name != "stripe")

    @override
    async def prepare(self) -> None:
        documents = _DOCUMENTS.format(tool=self.tool)
        await bundles.publish(
            self.world.store, "quote-to-cash", {"playbook.yaml": PLAYBOOK.replace("\nplays:\n", documents, 1)}
        )
        bill_in_stripe(Path(self.environment["DEALWRIGHT_CONNECTIONS"]))

    async def wants(self, deal_id: str, amount: int, discount: int, starts_on: date) -> None:
        """The buyer wants a year from a day on for an amount, and so much off the list price."""
        ends_on = starts_on.replace(year=starts_on.year + 1) - _DAY
        days: Any = {"starts_on": starts_on, "ends_on": ends_on}
        await self.tell(deal_id, FieldsLearned, fields=days)
        await self.tell(deal_id, CrmPropertiesChanged, amount={"amount": amount, "currency": "EUR"})
        await self.tell(deal_id, DiscountRequested, percent=discount)

    async def sign(self, deal_id: str, number: int, hears: str) -> dict[str, Any]:
        """The buyer signs the document with this number, from 1, once they have it, and the deal hears of it."""
        called, _ = _HELD[self.tool]

        async def is_out() -> bool:
            return len(await self._sent()) >= number

        await self.until(f"document {number}", is_out)
        document = (await self._sent())[number - 1]
        await self.simulators[self.tool].change(do="view", **{called: document["id"]})
        await self.simulators[self.tool].change(do="sign", **{called: document["id"]})

        async def heard() -> bool:
            return hears in [one.get("fact") for one in await self.journal(deal_id)]

        await self.until(hears, heard)
        return document

    async def _sent(self) -> list[dict[str, Any]]:
        state: Any = await self.simulators[self.tool].state()
        made = sorted(state[_HELD[self.tool][1]].values(), key=lambda one: str(one["created"]))
        return [one for one in made if one["sendings"]]
