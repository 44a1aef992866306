"""(b) Outbound: replies at the third step, so the rest of the cadence stops; lost at proposal, with a reason."""

from __future__ import annotations

from datetime import timedelta

from dealwright.facts import DealLost, DemoBooked, DemoHeld, LeadQualified, ProposalSent, ReplyReceived
from demo.director import Director


async def tell(deal: Director) -> None:
    """Tell the story."""
    await deal.open(source="outbound")
    await deal.tell(LeadQualified(id="b-qualified", level="mql"))
    await deal.complete("connect_on_linkedin", by="Sam")
    await deal.advance_until(
        lambda seen: seen.next_action is not None and "step 4" in seen.next_action, "the third step is done"
    )
    await deal.tell(ReplyReceived(id="b-reply", sentiment="interested"))
    await deal.stage("discovery")
    await deal.accept("sdr-to-ae", by="Alex")
    starts_at = await deal.now() + timedelta(days=6)
    await deal.tell(DemoBooked(id="b-demo", starts_at=starts_at))
    await deal.stage("presentation")
    await deal.complete("prepare_demo", by="Sol")
    await deal.pass_time(timedelta(days=6, hours=1))
    await deal.tell(DemoHeld(id="b-demo-held"))
    await deal.complete("send_proposal", by="Alex")
    await deal.tell(ProposalSent(id="b-proposal", proposal_id="Q-1002"))
    await deal.stage("proposal")
    await deal.pass_time(timedelta(days=6))
    await deal.tell(DealLost(id="b-lost", reason="Chose a tool they have already"))
    await deal.end("lost")
