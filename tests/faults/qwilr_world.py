"""A world that offers in a simulated Qwilr account, whose buyers get the link by the deal's own mail."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from dealwright.commands import DecideApproval
from dealwright.facts import Fact
from store import bundles
from tests.faults.tool_world import ToolWorld

_OVER = "[proposal_accepted, proposal_declined, proposal_expired, proposal_withdrawn]"
_PLAYBOOK = f"""
playbook: pages
calendar: {{hours: "Mon-Sun 00:00-24:00"}}
roles:
  rep: {{title: Whoever sells}}
  boss: {{title: Whoever grants discounts}}
ends:
  - {{when: deal_lost, as: lost}}
approvals:
  - {{name: discount, of: proposal.discount, levels: [{{up_to: 10}}, {{by: [boss]}}]}}
documents:
  offer:
    tool: qwilr
    template: offer
    version: 3
    needs: discount
    terms: {{amount: deal.amount, discount: proposal.discount}}
    expires_after: 1d
plays:
  - {{name: offer, on: demo_held, do: [{{document: offer}}]}}
  - {{name: bring, on: proposal_sent, until: {_OVER}, do: [{{if: {{proposal.link: {{known: true}}}}, email: bring}}]}}
stages:
  - {{name: offering, owner: rep, leave_when: contract_signed, stalls_after: 400d}}
"""
_LETTER = "Subject: Our offer\n\nHello {{ contact.name }}, here it is: {{ proposal.link }}\n\n{{ unsubscribe_url }}\n"


class QwilrWorld(ToolWorld):
    """One installation that offers in one Qwilr account."""

    @override
    async def prepare(self) -> None:
        await bundles.publish(self.world.store, "pages", {"playbook.yaml": _PLAYBOOK, "templates/bring.md": _LETTER})

    async def begin(self) -> str:
        """A deal about 9000 EUR."""
        return await self.world.open("pages", amount={"amount": 9000, "currency": "EUR"})

    async def tell(self, deal_id: str, fact: type[Fact], **about: object) -> None:
        """Tell the deal a fact, which happened now by its own clock."""
        now = await self.world.now(deal_id)
        await self.world.deals.record(deal_id, fact.model_validate({"at": now, **about}))

    async def approve(self, deal_id: str) -> None:
        """Say yes to exactly what is asked, as soon as something is."""
        seen = await self.see(deal_id, "an approval", lambda seen: bool(seen.open_approvals))
        asked = seen.open_approvals[0]
        yes = DecideApproval(by=asked.waits_for, approval=asked.id, answer="approve", terms=dict(asked.terms))
        verdict = await self.world.deals.command(deal_id, yes)
        assert verdict.accepted, verdict

    async def pages(self, deal_id: str, count: int, *statuses: str) -> list[dict[str, Any]]:
        """The deal's pages, the oldest first, as soon as they are so many, and stand so."""
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            state: Any = await self.simulator.state()
            of_deal = [one for one in state["pages"].values() if one["metadata"]["dealwright_deal"] == deal_id]
            found[:] = of_deal
            return len(found) >= count and (not statuses or [one["status"] for one in found] == [*statuses])

        await self.until(f"{count} pages", there, lambda: f"there are {found}")
        return found

    async def links_in_letters(self, deal_id: str, count: int) -> list[str]:
        """The links that the buyer got by mail, as soon as there are so many."""

        async def there() -> bool:
            return len(self.world.letters(deal_id)) >= count

        await self.until(f"{count} letters", there)
        texts = [letter.text for letter in self.world.letters(deal_id)]
        return [word for text in texts for word in text.split() if word.startswith("https://pages.qwilr.com/")]

    async def letters_are_settled(self, deal_id: str, count: int) -> None:
        """Wait until it is known whether so many letters went out; where nobody knows, a person looks and says so."""

        async def went_out() -> bool:
            return len(self.world.letters(deal_id)) >= count

        await self.has(deal_id, "proposal_sent", count)
        await self.messages_are_settled(deal_id, "send_email", went_out, count)

    async def told(self, deal_id: str, fact: str, count: int = 1) -> None:
        """Wait until the deal was told of something so often."""

        async def heard() -> bool:
            return len(await self.facts(deal_id, fact)) >= count

        await self.until(f"{count} {fact}", heard)
