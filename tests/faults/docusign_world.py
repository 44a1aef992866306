"""A world whose contracts go out for signature in a simulated DocuSign account."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from dealwright.commands import DecideApproval
from dealwright.entries import EffectSettled
from dealwright.facts import Fact
from dealwright.views.snapshot import ApprovalView
from store import bundles
from tests.faults.tool_world import ToolWorld

ADA = "ada@acme.example"
_PLAYBOOK = """
playbook: paper
calendar: {hours: "Mon-Sun 00:00-24:00"}
roles:
  rep: {title: Whoever sells}
  boss: {title: Whoever grants discounts}
fields: {starts_on: date, ends_on: date}
ends:
  - {when: deal_lost, as: lost}
approvals:
  - {name: discount, of: proposal.discount, levels: [{up_to: 10}, {by: [boss]}]}
documents:
  paper:
    kind: contract
    tool: docusign
    template: paper
    version: 1
    needs: discount
    terms: {amount: deal.amount, discount: proposal.discount}
    starts_on: fields.starts_on
    ends_on: fields.ends_on
    expires_after: 30d
plays:
  - {name: ask, on: discount_requested, do: [{approval: discount}]}
  - {name: opened, on: contract_opened, alone: true, do: [{notify: rep, text: They look at it}]}
  - {name: back, on: contract_withdrawn, alone: true, do: [{notify: rep, text: It is no longer out}]}
stages:
  - name: selling
    owner: rep
    leave_when: contract_signed
    stalls_after: 400d
    plays:
      - {name: paper, on: lead_qualified, do: [{document: paper}]}
  - {name: customer, owner: rep, stalls_after: 2000d}
"""


class DocuSignWorld(ToolWorld):
    """One installation whose contracts are signed in one DocuSign account."""

    @override
    async def prepare(self) -> None:
        await bundles.publish(self.world.store, "paper", {"playbook.yaml": _PLAYBOOK})
        await self.simulator.switch(retry_after=None)  # Connect tries again after a day, as it does

    async def begin(self) -> str:
        """A deal of Acme's whose terms are all known but for the discount."""
        return await self.world.open(
            "paper",
            account={"id": "acme", "name": "Acme", "domain": "acme.example"},
            contacts=[{"id": "ada", "name": "Ada Berg", "email": ADA}],
            amount={"amount": 9000, "currency": "EUR"},
            fields={"starts_on": "2027-04-01", "ends_on": "2028-03-31"},
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

    async def envelopes(self) -> list[dict[str, Any]]:
        """The account's envelopes, the oldest first."""
        state: Any = await self.simulator.state()
        return sorted(state["envelopes"].values(), key=lambda one: str(one["created"]))

    async def out(self, number: int) -> dict[str, Any]:
        """The envelope with this number, from 1, as soon as it is with the buyer."""

        async def sent() -> bool:
            found = await self.envelopes()
            return len(found) >= number and found[number - 1]["status"] == "sent"

        await self.until(f"envelope {number}", sent)
        return (await self.envelopes())[number - 1]

    async def stand(self, deal_id: str, *statuses: str) -> list[dict[str, Any]]:
        """The deal's envelopes, the oldest first, as soon as they stand so."""
        found: list[dict[str, Any]] = []

        async def so() -> bool:
            found[:] = [one for one in await self.envelopes() if deal_id in one["custom_fields"].values()]
            return [one["status"] for one in found] == [*statuses]

        await self.until(f"envelopes that are {statuses}", so, lambda: f"there are {found}")
        return found

    async def drained(self) -> None:
        """Wait until nothing is under way; what Connect holds back is asked for."""
        await self.until("an empty queue", self.reading(self.nothing_is_sent))
        await self.quiet()

    async def held_back(self) -> int:
        """How many events Connect holds back."""
        return (await self.simulator.webhooks()).waiting

    async def told(self, deal_id: str, name: str) -> None:
        """Wait until a deal has taken a fact of a name."""

        async def there() -> bool:
            return bool(await self.facts(deal_id, name))

        await self.until(name, there)

    async def is_called(self, call: str, *, times: int) -> bool:
        """Whether DocuSign has got a call so many times."""
        return len(await self.simulator.calls(call)) >= times

    async def settled_badly(self, deal_id: str, kind: str) -> None:
        """Wait until an effect of a kind has failed."""

        async def failed() -> bool:
            story = await self.world.deals.story(deal_id)
            settled = [one for one in story if isinstance(one, EffectSettled) and one.does == kind]
            return [one.status for one in settled] == ["failed"]

        await self.until(f"{kind}, refused", failed)

    @staticmethod
    def days(envelope: dict[str, Any]) -> tuple[str, str]:
        """The days that stand in an envelope."""
        (signer,) = envelope["signers"]
        return signer["tabs"]["starts_on"], signer["tabs"]["ends_on"]
