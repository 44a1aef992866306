"""A document whose terms change is taken back, and the next version is sent."""

from __future__ import annotations

import pytest

from dealwright.effects import RequestApproval, SendDocument, WithdrawDocument
from tests.dealwright.approval_stories import answer, euros
from tests.dealwright.document_stories import BEFORE, FIRST, KNOWN, PLAYS, offered, ready, sent
from tests.dealwright.story import MONDAY, Story, of_stage


@pytest.mark.parametrize(
    ("fact", "told", "terms"),
    [
        ("fields_learned", {"fields": {"payment_days": 60}}, "amount 9000 EUR, discount 5, payment_days 60"),
        ("discount_requested", {"percent": "8"}, "amount 9000 EUR, discount 8, payment_days 30"),
        ("crm_properties_changed", {"amount": euros(8000)}, "amount 8000 EUR, discount 5, payment_days 30"),
    ],
)
def test_a_changed_term_takes_the_old_version_back_and_then_sends_a_new_one(
    fact: str, told: dict[str, object], terms: str
) -> None:
    story = offered()
    story.keep("withdraw_document")

    story.tell(fact, **told)
    (withdrawal,) = story.all(WithdrawDocument)
    until_taken_back = sent(story)
    story.come_back(withdrawal, "done")

    assert (withdrawal.version, withdrawal.reference) == (1, "offer-1")
    assert (until_taken_back, sent(story)) == ([FIRST], [FIRST, f"offer v2: {terms}"])


def test_the_old_version_stays_out_until_the_new_terms_are_granted() -> None:
    story = offered()

    story.tell("discount_requested", percent="20")
    asked = (len(story.all(RequestApproval)), story.all(WithdrawDocument))
    answer(story, "boss")

    assert asked == (1, [])
    assert [one.version for one in story.all(SendDocument)] == [1, 2]
    assert [one.version for one in story.all(WithdrawDocument)] == [1]


def test_the_old_version_stays_out_when_the_new_terms_are_refused() -> None:
    story = offered()
    story.tell("discount_requested", percent="20")

    answer(story, "boss", "refuse")

    assert (sent(story), story.all(WithdrawDocument)) == ([FIRST], [])


SIZE = "  - {name: size, of: deal.amount, currency: EUR, levels: [{up_to: 9000}, {by: [boss]}]}"


SIZES = of_stage(
    PLAYS, before=BEFORE.replace("documents:", f"{SIZE}\ndocuments:").replace("needs: discount", "needs: size")
)


@pytest.mark.parametrize("fact", ["proposal_sent", "contract_sent"])
def test_what_somebody_changed_by_hand_is_replaced_once_its_terms_are_granted(fact: str) -> None:
    story = Story(SIZES, at=MONDAY, **KNOWN)
    story.tell("discount_requested", percent="5")
    story.tell("demo_held", id="d-1")
    said = {"proposal": "offer-1", "amount": euros(9500)} if fact == "proposal_sent" else {"value": euros(9500)}

    story.tell(fact, **said)
    before = (len(story.all(RequestApproval)), list(story.state.attention), sent(story))
    answer(story, "boss")

    assert before == (1, ["approval:size"], [FIRST])
    assert sent(story) == [FIRST, FIRST.replace("v1: amount 9000", "v2: amount 9500")]


def test_terms_that_change_before_it_was_handed_over_send_the_new_ones_only() -> None:
    story = ready()
    story.keep("send_document")
    story.tell("demo_held", id="d-1")
    (first,) = story.all(SendDocument)

    story.tell("fields_learned", fields={"payment_days": 60})
    story.come_back(first, "withdrawn")

    assert story.withdrawn == [first.id]
    assert [one.terms.values["payment_days"] for one in story.all(SendDocument)] == ["30", "60"]
    assert story.all(WithdrawDocument) == []


@pytest.mark.parametrize("answered", ["proposal_accepted", "proposal_declined", "proposal_expired"])
def test_what_the_buyer_has_answered_or_has_expired_is_left_as_it_is(answered: str) -> None:
    story = offered()

    story.tell(answered, proposal="offer-1")
    story.tell("fields_learned", fields={"payment_days": 60})

    assert (sent(story), story.all(WithdrawDocument)) == ([FIRST], [])


def test_what_became_known_while_a_document_was_on_its_way_is_newer_than_what_it_says() -> None:
    story = ready()
    story.keep("send_document")
    story.tell("demo_held", id="d-1")
    story.wait(minutes=5).tell("crm_properties_changed", amount=euros(12000))
    story.wait(minutes=5).come_back(story.all(SendDocument)[0], "done", reference="doc-1")

    assert story.state.deal is not None
    assert str(story.state.deal.amount) == "12,000.00 EUR"


def test_somebody_who_wants_no_marketing_keeps_the_document_and_gets_its_next_version() -> None:
    story = offered()

    story.tell("opted_out", contact="ana")
    kept = story.all(WithdrawDocument)
    story.tell("fields_learned", fields={"payment_days": 60})

    assert (kept, len(sent(story))) == ([], 2)
