"""(g) A committee of six: one answers and hears no more, the others wait; terms that two chains grant side by side."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from dealwright.deal import Contact, Money
from dealwright.facts import (
    ContractSigned,
    DemoHeld,
    DiscountRequested,
    DiscoveryHeld,
    FieldsLearned,
    NextStepAgreed,
    NotesLearned,
    ProposalAccepted,
    ProposalSent,
    QualificationLearned,
    ReplyReceived,
)
from dealwright.facts.knowledge import Answers
from dealwright.views.snapshot import Snapshot
from demo.director import SELLERS, Director, StoryFailed, seller

PLAYBOOK = "enterprise-outbound"
ANSWERS = Answers(
    pain="Deals are dropped between teams", metrics="4 percent of revenue a year", champion="Cam Lund",
    decision_criteria="Security, then price", decision_process="The board, in two readings",
)  # fmt: skip
PIECES = {
    "use_case": "No deal is dropped between teams",
    "success_criteria": "Every deal has a next step",
    "decision_process": "The board, in two readings",
    "technical_requirements": "Single sign-on, hosting in the EU",
}
_OURS = {**SELLERS, "deal_desk": seller("Dee", "deal-desk"), "executive": seller("Eve", "executive")}
_THEIRS = {
    "cam": ("Cam Lund", "champion"),
    "tess": ("Tess Roy", "technical"),
    "tom": ("Tom Vik", "technical"),
    "ed": ("Ed Mora", "economic_buyer"),
    "uma": ("Uma Kern", "user"),
    "pia": ("Pia Holm", "procurement"),
}
_COLLEAGUES = {"cam", "tom", "uma"}
"""Who work with it, beside Tess, who answers."""


async def tell(deal: Director) -> None:
    """Tell the story."""
    contacts = tuple(_contact(deal, id_, name, role) for id_, (name, role) in _THEIRS.items())
    amount = Money(amount=Decimal(90000), currency="EUR")
    about = {"contacts": contacts, "owners": _OURS, "amount": amount, "fields": {"term_months": 24}}
    await deal.open(PLAYBOOK, source="outbound", **about)
    await deal.complete("map_the_committee", by="Sam", why_now="A new head of sales")
    await deal.stage("outreach")
    await _one_answers_and_colleagues_wait(deal)
    await _be_evaluated(deal)
    await _two_chains_grant_the_terms(deal)
    await _sign(deal)
    await deal.end("completed")


async def _one_answers_and_colleagues_wait(deal: Director) -> None:
    await deal.until_mailed("practitioner-1", contacts=len(_COLLEAGUES) + 1)
    await deal.tell(ReplyReceived(id="g-tess", contact="tess", sentiment="other"))
    answered_at = await deal.now()
    await deal.complete("read_and_decide", by="Sam")
    seen = await deal.advance_until(lambda seen: _asked(seen) >= _COLLEAGUES, "the cadences of the others go on")
    waited = await deal.now() - answered_at
    if "tess" in _asked(seen) or waited < timedelta(days=6):
        raise StoryFailed(f"{deal.letter}: {_asked(seen)} are to be reached {waited} after Tess answered")
    for task in seen.open_tasks:
        if task.name == "connect":
            await deal.complete(task.id, by="Sam")
    await deal.tell(ReplyReceived(id="g-cam", contact="cam", sentiment="interested"))
    await deal.stage("discovery")
    written_to = Counter(await deal.mailed("practitioner-1", "practitioner-2", "last-note", "executive-1"))
    if written_to != Counter({"tess", *_COLLEAGUES}):
        raise StoryFailed(f"{deal.letter}: written to were {written_to}")
    await deal.accept("sdr-to-ae", by="Alex")


async def _be_evaluated(deal: Director) -> None:
    await deal.tell(QualificationLearned(id="g-answers", answers=ANSWERS))
    await deal.tell(DiscoveryHeld(id="g-discovery", attended=("cam",)))
    await deal.tell(NextStepAgreed(id="g-next"))
    await deal.stage("evaluation")
    await deal.complete(
        "plan_the_evaluation", by="Sol",
        technical_requirements=PIECES["technical_requirements"], success_criteria=PIECES["success_criteria"],
    )  # fmt: skip
    await deal.pass_time(timedelta(days=5))
    await deal.tell(DemoHeld(id="g-demo-held", attended=("cam", "tess", "ed")))


async def _two_chains_grant_the_terms(deal: Director) -> None:
    await deal.tell(FieldsLearned(id="g-terms", fields={"payment_days": 60}))
    await deal.tell(DiscountRequested(id="g-discount", percent=Decimal(20), reason="Two years"))
    await deal.see(
        lambda seen: {one.waits_for for one in seen.open_approvals} == {"sales_manager", "deal_desk"},
        "two chains are asked side by side",
    )
    await deal.complete("security_review", by="Sol", fills={"result": "passed"})
    await deal.stage("proposal")
    for by in ("deal_desk", "sales_manager", "finance"):
        if _is_asked_for_the_proposal(await deal.snapshot()):
            raise StoryFailed(f"{deal.letter}: a proposal is asked for before {by} granted its terms")
        await deal.approve(by=by)
    await deal.see(_is_asked_for_the_proposal, "what is granted may be proposed")
    await deal.complete("send_proposal", by="Alex")


async def _sign(deal: Director) -> None:
    await deal.tell(ProposalSent(id="g-proposal", proposal_id="Q-1005"))
    await deal.pass_time(timedelta(days=2))
    await deal.tell(ProposalAccepted(id="g-accepted", proposal_id="Q-1005"))
    await deal.wait_for_task("get_signature")
    today = (await deal.now()).date()
    await deal.tell(NotesLearned(id="g-notes", notes=PIECES))
    await deal.tell(ContractSigned(id="g-signed", starts_on=today, ends_on=today + timedelta(days=729)))
    await deal.accept("ae-to-csm", by="Cleo")


def _contact(deal: Director, id_: str, name: str, role: str) -> Contact:
    domain = f"{deal.deal_id.partition('-')[0]}.example"
    return Contact(
        id=id_, name=name, role=role, email=f"{id_}@{domain}", timezone="Europe/Berlin", country="DE"
    )  # fmt: skip


def _asked(seen: Snapshot) -> set[str | None]:
    """The contacts whom somebody is asked to connect with."""
    return {task.contact for task in seen.open_tasks if task.name == "connect"}


def _is_asked_for_the_proposal(seen: Snapshot) -> bool:
    return any(task.name == "send_proposal" for task in seen.open_tasks)
