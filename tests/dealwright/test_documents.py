"""Documents: made for exact terms, sent once these are granted."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendDocument, SendEmail, WithdrawDocument
from tests.dealwright.approval_stories import answer, euros
from tests.dealwright.document_stories import BEFORE, FIRST, KNOWN, RULES, offered, sent
from tests.dealwright.story import ANA, MONDAY, Story, of_stage


def test_a_document_goes_out_for_the_terms_of_the_moment_from_the_approved_template() -> None:
    story = offered()

    (one,) = story.all(SendDocument)
    assert sent(story) == [FIRST]
    assert (one.tool, one.template, one.template_version, one.attachments) == ("pandadoc", "T1", "3", ("security",))
    assert (one.to.id, one.amount) == ("ana", story.state.deal and story.state.deal.amount)


def test_the_deal_knows_then_that_a_proposal_was_sent_and_plays_hear_of_it_once() -> None:
    story = offered()

    proposal = story.state.deal.proposal if story.state.deal else None
    assert proposal is not None
    assert (proposal.status, str(proposal.amount), proposal.template) == ("sent", "9,000.00 EUR", "offer v1")
    assert [run.play for run in story.state.runs.values() if run.play == "unopened"] == ["unopened"]


def test_it_waits_for_its_approval_and_leaves_when_that_is_granted() -> None:
    story = offered("20")
    before = sent(story)

    answer(story, "boss")

    assert (before, sent(story)) == ([], ["offer v1: amount 9000 EUR, discount 20, payment_days 30"])


def test_it_is_not_sent_when_its_approval_is_refused() -> None:
    story = offered("20")

    answer(story, "boss", "refuse")

    assert (sent(story), "approval:discount" in story.state.attention) == ([], True)


def test_it_waits_for_terms_that_are_not_known_and_says_so() -> None:
    story = offered(fields={})
    waiting = (sent(story), story.state.attention["document:offer"])

    story.tell("fields_learned", fields={"payment_days": 14})
    story.wait(days=1)

    assert waiting == ([], "offer waits: payment_days is not known yet")
    assert sent(story) == ["offer v1: amount 9000 EUR, discount 5, payment_days 14"]


def test_it_is_sent_in_the_contacts_hours() -> None:
    story = Story(RULES, at="2026-03-02 22:00", **KNOWN)
    story.tell("discount_requested", percent="5")
    story.tell("demo_held", id="d-1")
    at_night = sent(story)

    story.until("2026-03-03 09:00")

    assert (at_night, sent(story)) == ([], [FIRST])


@pytest.mark.parametrize("over", ["proposal_accepted", "proposal_declined", "proposal_expired", "proposal_withdrawn"])
def test_nobody_is_reminded_to_open_what_is_over(over: str) -> None:
    story = offered()

    story.tell(over, proposal="offer-1")
    story.wait(days=3)

    assert "ring" not in story.tasks


def test_an_opening_that_comes_late_opens_nothing_that_is_over() -> None:
    story = offered()
    story.tell("proposal_expired", proposal="offer-1")

    story.tell("proposal_opened", proposal="offer-1", section="pricing")

    proposal = story.state.deal.proposal if story.state.deal else None
    assert proposal is not None
    assert (proposal.status, story.last(e.FactTaken).no_news) == ("expired", "it was expired already")


def test_a_contract_goes_to_whoever_signs_and_carries_its_days() -> None:
    signer = {"id": "bo", "name": "Bo", "email": "bo@buyer.example", "role": "signer", "timezone": "UTC"}
    days = {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}
    story = Story(RULES, amount=euros(9000), contacts=[ANA, signer], fields=days)

    story.tell("discovery_held", id="c-1")

    (one,) = story.all(SendDocument)
    assert (one.what, one.to.id) == ("contract", "bo")
    assert one.terms.words() == "amount 9000 EUR, starts_on 2026-04-01, ends_on 2027-03-31"
    assert "contract_sent" in story.state.happened


@pytest.mark.parametrize(
    ("terms", "costs"),
    [
        ("{amount: deal.amount}", ("9,000.00 EUR", None, None)),
        ("{amount: deal.amount, yearly: proposal.recurring, once: proposal.one_off}",
         ("9,000.00 EUR", "8,000.00 EUR", "1,000.00 EUR")),
        ("{amount: deal.amount, other: proposal.amount}", (None, "8,000.00 EUR", None)),  # which of the two is it?
        ("{days: fields.payment_days}", (None, None, None)),
    ],
)  # fmt: skip
def test_a_document_says_what_it_costs_as_far_as_its_terms_do(
    terms: str, costs: tuple[str | None, str | None, str | None]
) -> None:
    other = terms.replace("other: proposal.amount", "other: proposal.amount, yearly: proposal.recurring")
    rules = f"documents: {{offer: {{tool: pandadoc, template: T1, version: 3, terms: {other}}}}}"
    before = f"fields: {{payment_days: number}}\n{rules}"
    story = Story(of_stage("[{name: offer, on: demo_held, do: [{document: offer}]}]", before=before),
                  at=MONDAY, **KNOWN)  # fmt: skip
    parts = {"amount": euros(7000), "recurring": euros(8000), "one_off": euros(1000)}
    story.tell("proposal_sent", id="p-1", **parts)
    story.tell("crm_properties_changed", amount=euros(9000))

    story.tell("demo_held", id="d-1")

    one = story.all(SendDocument)[0]
    said = (one.amount, one.recurring, one.one_off)
    assert tuple(None if money is None else str(money) for money in said) == costs


def test_a_document_for_a_role_that_nobody_has_is_not_sent_and_asks_for_attention() -> None:
    story = Story(RULES, amount=euros(9000), fields={"starts_on": "2026-04-01", "ends_on": "2027-03-31"})

    story.tell("discovery_held", id="c-1")

    assert (sent(story), story.state.attention["document:paper"]) == ([], "paper is not sent: no signer is known")


BRINGS = """
- name: offer
  on: demo_held
  steps: [{document: offer}]
- name: bring
  on: proposal_sent
  until: [proposal_accepted, proposal_declined, proposal_expired, proposal_withdrawn]
  do: [{email: hello}]
"""


def test_what_its_tool_brings_to_nobody_the_deals_own_message_brings_with_each_version_its_link() -> None:
    story = Story(of_stage(BRINGS, before=BEFORE), at=MONDAY, **KNOWN)
    story.keep("send_document", "withdraw_document")
    story.tell("discount_requested", percent="5")
    story.tell("demo_held", id="d-1")
    (first,) = story.all(SendDocument)
    before = story.all(SendEmail)

    story.come_back(first, "done", reference="page-1", link="https://pages.example/1")
    story.tell("fields_learned", fields={"payment_days": 60})
    story.come_back(story.all(WithdrawDocument)[0], "done")
    story.come_back(story.all(SendDocument)[1], "done", reference="page-2", link="https://pages.example/2")

    brought = [one.deal.proposal.link for one in story.all(SendEmail) if one.deal and one.deal.proposal]
    assert (before, brought) == ([], ["https://pages.example/1", "https://pages.example/2"])
