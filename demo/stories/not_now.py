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
from dealwright.views.snapshot import Snapshot
from demo.director import Director, StoryFailed
from demo.stories.inbound_renewed import PIECES

_SLEEPS = timedelta(days=75)


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
    seen = await deal.see(lambda seen: seen.stage == "nurture" or _asks(seen, "read_and_decide"), "the answer is heard")
    if seen.stage != "nurture":  # the playbook has somebody read it
        await deal.complete("read_and_decide", by="Sam")
        await deal.stage("nurture")
    seen = await deal.advance_until(lambda seen: seen.stage != "nurture" or _asks(seen, "look_again"), "it is woken")
    if (await deal.now()).date() < back_on:
        raise StoryFailed(f"{deal.letter}: woken before {back_on}")
    if seen.stage == "nurture":
        await deal.complete("look_again", by="Sam")
    await deal.stage("outreach")


def _asks(seen: Snapshot, task: str) -> bool:
    return any(one.name == task for one in seen.open_tasks)


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
