"""(a) Inbound: won, onboarded, renewed into a second contract year."""

from __future__ import annotations

from datetime import date, timedelta

from dealwright.facts import (
    ContractRenewed,
    ContractSigned,
    DemoBooked,
    DemoHeld,
    DiscoveryHeld,
    LeadQualified,
    MeetingBooked,
    NextStepAgreed,
    OnboardingStepDone,
    ProposalOpened,
    ProposalSent,
    QualificationLearned,
    ReplyReceived,
    UsageReported,
)
from dealwright.facts.knowledge import Answers
from demo.director import Director

ANSWERS = Answers(
    budget="24k approved", authority="VP Sales signs", need="Follow-ups get lost", timeline="This quarter",
    pain="Leads wait for days", champion="Ada Berg",
)  # fmt: skip
PIECES = {
    "use_case": "Every inbound lead is answered within two hours",
    "success_criteria": "No lead waits for longer than a day",
    "stakeholders": "Ada Berg (champion), the VP Sales (signs)",
    "timeline": "Live in six weeks",
    "technical_requirements": "Single sign-on, CRM in sync",
}


async def tell(deal: Director) -> None:
    """Tell the story."""
    await deal.open(source="inbound")
    await deal.tell(LeadQualified(id="a-qualified", level="sql", score=82))
    await deal.stage("outreach")
    await deal.advance_until(lambda seen: seen.next_action is not None and "warm-hello" in seen.next_action, "mail")
    await deal.complete("call_lead", by="Sam")
    await deal.pass_time(timedelta(days=4))
    await deal.tell(ReplyReceived(id="a-reply", sentiment="interested"))
    await deal.stage("discovery")
    await deal.accept("sdr-to-ae", by="Alex")
    await _discover(deal)
    await _present_and_sign(deal)
    await _live_as_customer(deal)


async def _discover(deal: Director) -> None:
    starts_at = await deal.now() + timedelta(days=5)
    await deal.tell(MeetingBooked(id="a-meeting", starts_at=starts_at))
    await deal.pass_time(timedelta(days=5, hours=1))
    await deal.tell(DiscoveryHeld(id="a-discovery"))
    await deal.complete(
        "note_what_we_learned", by="Alex",
        use_case=PIECES["use_case"], timeline=PIECES["timeline"],
        technical_requirements=PIECES["technical_requirements"],
    )  # fmt: skip
    await deal.tell(QualificationLearned(id="a-answers", answers=ANSWERS))
    await deal.tell(NextStepAgreed(id="a-next"))
    await deal.stage("presentation")


async def _present_and_sign(deal: Director) -> None:
    starts_at = await deal.now() + timedelta(days=8)
    await deal.tell(DemoBooked(id="a-demo", starts_at=starts_at))
    await deal.complete("prepare_demo", by="Sol")
    await deal.pass_time(timedelta(days=8, hours=1))
    await deal.tell(DemoHeld(id="a-demo-held"))
    await deal.complete(
        "confirm_stakeholders", by="Alex",
        stakeholders=PIECES["stakeholders"], success_criteria=PIECES["success_criteria"],
    )  # fmt: skip
    await deal.complete("send_proposal", by="Alex")
    await deal.tell(ProposalSent(id="a-proposal", proposal_id="Q-1001"))
    await deal.stage("proposal")
    await deal.pass_time(timedelta(hours=3))
    await deal.tell(ProposalOpened(id="a-opened", proposal_id="Q-1001"))
    await deal.complete("follow_up_proposal", by="Alex")
    today = (await deal.now()).date()
    await deal.tell(ContractSigned(id="a-signed", starts_on=today, ends_on=today + timedelta(days=364)))
    await deal.complete("set_up_billing", by="Fin")
    await deal.accept("ae-to-csm", by="Cleo")
    await deal.stage("customer")


async def _live_as_customer(deal: Director) -> None:
    await deal.complete("kick_off", by="Cleo")
    await deal.tell(OnboardingStepDone(id="a-live", step="live"))
    await deal.complete("review_setup", by="Cleo")
    await deal.complete("check_in_30_days", by="Cleo")
    await deal.tell(UsageReported(id="a-usage", health=88))
    await deal.complete("check_in_90_days", by="Cleo")
    await deal.complete("prepare_renewal", by="Cleo")
    await deal.pass_time(timedelta(days=20))
    ends_on = (await deal.snapshot()).contract_ends_on
    if ends_on is None:
        raise AssertionError("a customer has a contract")
    next_term = date.fromisoformat(ends_on) + timedelta(days=1)
    await deal.tell(ContractRenewed(id="a-renewed", starts_on=next_term, ends_on=next_term + timedelta(days=364)))
    await deal.see(lambda seen: seen.term == 2, "the second term has begun")  # noqa: PLR2004 - the second one
    await deal.complete("set_up_billing", by="Fin")
    await deal.complete("check_in_30_days", by="Cleo")
