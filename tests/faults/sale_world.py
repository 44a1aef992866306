"""A world that sells through a simulated Stripe, PandaDoc, Twilio and Gong at once, and whoever buys there."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from typing_extensions import override

from dealwright.facts import ChannelAllowed, ContractSigned, Fact, LeadQualified
from store import bundles
from tests.faults.stripe_world import bill_in_stripe
from tests.faults.tool_world import ToolWorld

TOOLS = ("stripe", "pandadoc", "twilio", "gong")
_PLAYBOOK = """
playbook: sale
calendar: {hours: "Mon-Sun 00:00-24:00"}
roles:
  rep: {title: Whoever sells}
renews_on: contract_renewed
ends:
  - {when: deal_lost, as: lost}
documents:
  offer: {tool: pandadoc, template: offer, version: 3, terms: {amount: deal.amount}}
plays:
  - {name: bill, on: contract_signed, do: [{subscribe: growth, payment_days: 30}]}
  - {name: paid, on: invoice_paid, alone: true, do: [{notify: rep, text: They paid}]}
stages:
  - name: selling
    owner: rep
    leave_when: contract_signed
    stalls_after: 2000d
    plays:
      - {name: hello, on: lead_qualified, do: [{sms: hello, by: machine}, {document: offer}]}
  - {name: customer, owner: rep, stalls_after: 2000d}
"""
_TEXT = '{{ sender.name if sender else "The team" }} here: our offer is on its way to you.\n'


class SaleWorld(ToolWorld):
    """One installation that is connected to all four."""

    @override
    async def prepare(self) -> None:
        files = {"playbook.yaml": _PLAYBOOK, "templates/hello.sms.md": _TEXT}
        await bundles.publish(self.world.store, "sale", files)
        bill_in_stripe(Path(self.environment["DEALWRIGHT_CONNECTIONS"]))

    async def begin(self, number: int) -> str:
        """A deal of an account of its own, whose contact agreed to text messages."""
        contact = {"id": "ada", "name": "Ada Berg", "email": f"ada@buyer-{number}.example", "phone": phone(number)}
        deal = await self.world.open(
            "sale", contacts=[contact], amount={"amount": 9600, "currency": "EUR"},
            account={"id": f"buyer-{number}", "name": f"Buyer {number}", "domain": f"buyer-{number}.example"},
        )  # fmt: skip
        await self.tell(deal, ChannelAllowed, id="sms", channel="sms")
        await self.tell(deal, LeadQualified, id="qualified", level="sql")
        return deal

    async def tell(self, deal_id: str, fact: type[Fact], **about: object) -> None:
        """Tell the deal a fact, which happened now by its own clock."""
        now = await self.world.now(deal_id)
        await self.world.deals.record(deal_id, fact.model_validate({"at": now, **about}))

    async def sign(self, deal_id: str, starts_on: date) -> None:
        """The contract is signed on paper, and its days and value told."""
        ends_on = starts_on.replace(year=starts_on.year + 1).toordinal() - 1
        value = {"amount": 9600, "currency": "EUR"}
        days = {"starts_on": starts_on, "ends_on": date.fromordinal(ends_on)}
        await self.tell(deal_id, ContractSigned, id="signed", term=1, value=value, **days)

    async def document(self, deal_id: str) -> dict[str, Any]:
        """The deal's proposal, as soon as the buyer has it, and the deal knows."""
        await self.has(deal_id, "proposal_sent")
        (one,) = await self.documents(deal_id)
        return one

    async def documents(self, deal_id: str) -> list[dict[str, Any]]:
        """All documents of a deal in PandaDoc."""
        state: Any = await self.simulators["pandadoc"].state()
        return [one for one in state["documents"].values() if one["metadata"]["dealwright_deal"] == deal_id]

    async def texts(self, number: int, direction: str) -> list[dict[str, Any]]:
        """The text messages with somebody, in one direction."""
        state: Any = await self.simulators["twilio"].state()
        ours = [one for one in state["messages"].values() if phone(number) in {one["to"], one["sender"]}]
        return [one for one in ours if one["direction"] == direction]

    async def billed(self, what: str, deal_id: str) -> list[dict[str, Any]]:
        """The ``subscriptions`` or ``invoices`` of a deal in Stripe."""
        state: Any = await self.simulators["stripe"].state()
        return [one for one in state[what].values() if one["metadata"].get("dealwright_deal") == deal_id]

    async def text_is_settled(self, deal_id: str, number: int) -> None:
        """Wait until it is known whether the text message went out; where nobody knows, a person looks in Twilio."""

        async def went_out() -> bool:
            return bool(await self.texts(number, "outbound-api"))

        await self.messages_are_settled(deal_id, "send_sms", went_out)

    async def pass_days_until(self, day: date, *deals: str) -> None:
        """Let time pass until noon of a day, for these deals and in Stripe."""
        noon = datetime.combine(day, time(12))
        for deal_id in deals:
            now = await self.world.now(deal_id)
            await self.world.pass_time_until(deal_id, noon.replace(tzinfo=now.tzinfo))
        await self.simulators["stripe"].change(do="advance", to=noon.isoformat())


def phone(number: int) -> str:
    """The number of a buyer."""
    return f"+491511234560{number}"
