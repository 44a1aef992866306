"""(d) A proposal unopened for a day, a discount through its chain, a handoff not accepted in time, churn."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from dealwright.facts import (
    ContractCancelled,
    ContractSigned,
    DemoBooked,
    DemoHeld,
    DiscountRequested,
    MeetingBooked,
    NotesLearned,
    ProposalOpened,
    ProposalSent,
)
from demo.director import Director
from demo.stories.inbound_renewed import PIECES


async def tell(deal: Director) -> None:
    """Tell the story."""
    await deal.open(source="partner")
    await deal.tell(MeetingBooked(id="d-meeting", starts_at=await deal.now() + timedelta(days=3)))
    await deal.stage("discovery")
    await deal.accept("sdr-to-ae", by="Alex")
    await deal.tell(DemoBooked(id="d-demo", starts_at=await deal.now() + timedelta(days=4)))
    await deal.stage("presentation")
    await deal.pass_time(timedelta(days=4, hours=1))
    await deal.tell(DemoHeld(id="d-demo-held"))
    await deal.complete("confirm_stakeholders", by="Alex")
    await deal.tell(ProposalSent(id="d-proposal", proposal_id="Q-1003"))
    await deal.stage("proposal")
    await _unopened_then_discount(deal)
    await _sign_and_wait_for_customer_success(deal)
    await _leave_at_renewal(deal)


async def _unopened_then_discount(deal: Director) -> None:
    await deal.complete("call_about_proposal", by="Alex")
    await deal.tell(ProposalOpened(id="d-opened", proposal_id="Q-1003"))
    await deal.tell(DiscountRequested(id="d-discount", percent=Decimal(25), reason="Two-year commitment"))
    await deal.approve(by="sales_manager")
    await deal.approve(by="finance")


async def _sign_and_wait_for_customer_success(deal: Director) -> None:
    today = (await deal.now()).date()
    await deal.tell(ContractSigned(id="d-signed", starts_on=today, ends_on=today + timedelta(days=364)))
    await deal.stage("close")
    await deal.tell(NotesLearned(id="d-notes", notes=PIECES))
    await deal.advance_until(lambda seen: any(one.missed for one in seen.open_handoffs), "the handoff is overdue")
    await deal.complete("set_up_billing", by="Fin")
    await deal.accept("ae-to-csm", by="Cleo")
    await deal.stage("customer")
    for task in ("kick_off", "review_setup", "check_in_30_days", "check_in_90_days"):
        await deal.complete(task, by="Cleo")


async def _leave_at_renewal(deal: Director) -> None:
    await deal.wait_for_task("prepare_renewal")
    await deal.tell(ContractCancelled(id="d-cancelled", reason="The champion left"))
    await deal.complete("ask_why", by="Cleo")
    await deal.end("churned")
