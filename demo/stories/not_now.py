"""(h) Not now, but on a day: sleeps in nurture until it comes, is written to again by a person, and is won."""

from __future__ import annotations

from datetime import timedelta

from dealwright.facts import (
    ContractSigned,
    DemoHeld,
    LeadQualified,
    NotesLearned,
    ProposalSent,
    ReplyReceived,
)
from demo.director import Director, StoryFailed
from demo.stories.inbound_renewed import PIECES

_SLEEPS, _WEEKEND = timedelta(days=75), timedelta(days=5)
"""Until the day that is named, and how much later a business day may come."""


async def tell(deal: Director) -> None:
    """Tell the story."""
    await deal.open(source="outbound")
    await deal.tell(LeadQualified(id="h-qualified", level="mql"))
    await deal.stage("outreach")
    await deal.until_mailed("cold-1")
    await _not_now(deal)
    await deal.complete("get_in_touch", by="Sam")
    await deal.tell(ReplyReceived(id="h-yes", sentiment="interested"))
    await deal.stage("discovery")
    await deal.accept("sdr-to-ae", by="Alex")
    await _win(deal)


async def _not_now(deal: Director) -> None:
    back_on = (await deal.now()).date() + _SLEEPS
    await deal.tell(ReplyReceived(id="h-not-now", sentiment="not_now", back_on=back_on))
    await deal.stage("nurture")
    await deal.advance_until(lambda seen: seen.stage == "outreach", "their day has come")
    if (woken := (await deal.now()).date()) < back_on or woken > back_on + _WEEKEND:
        raise StoryFailed(f"{deal.letter}: woken on {woken}, not on {back_on}")


async def _win(deal: Director) -> None:
    await deal.tell(DemoHeld(id="h-demo-held"))
    await deal.stage("presentation")
    await deal.complete("send_proposal", by="Alex")
    await deal.tell(ProposalSent(id="h-proposal", proposal_id="Q-1006"))
    await deal.stage("proposal")
    today = (await deal.now()).date()
    await deal.tell(NotesLearned(id="h-notes", notes=PIECES))
    await deal.tell(ContractSigned(id="h-signed", starts_on=today, ends_on=today + timedelta(days=364)))
    await deal.complete("set_up_billing", by="Fin")
    await deal.accept("ae-to-csm", by="Cleo")
    await deal.stage("customer")
    await deal.complete("kick_off", by="Cleo")
