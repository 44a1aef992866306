"""Documents: made for exact terms, sent once these are granted, replaced when they change, taken back at the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dealwright import entries as e
from dealwright.effects import CreateTask, RequestApproval, SendDocument, SendEmail, WithdrawDocument
from tests.dealwright.approval_stories import answer, euros
from tests.dealwright.story import ANA, MONDAY, Story, of_stage

BEFORE = """
ends: [{when: deal_lost, as: lost}]
fields: {payment_days: number, starts_on: date, ends_on: date}
approvals:
  - {name: discount, of: proposal.discount, levels: [{up_to: 10}, {by: [boss]}]}
documents:
  offer:
    tool: pandadoc
    template: T1
    version: 3
    needs: discount
    terms: {amount: deal.amount, discount: proposal.discount, payment_days: fields.payment_days}
    attachments: [security]
  paper:
    kind: contract
    tool: docusign
    template: C1
    version: "2026-03"
    terms: {amount: deal.amount}
    starts_on: fields.starts_on
    ends_on: fields.ends_on
    to: signer
"""
PLAYS = """
- name: offer
  on: demo_held
  steps: [{document: offer}, {after: 1bd, unless: proposal_opened, task: ask-whether-it-came}]
- name: unopened
  on: proposal_sent
  until: [proposal_opened, proposal_accepted, proposal_declined, proposal_expired, proposal_withdrawn]
  steps: [{after: 24h, task: ring}]
- {name: paper, on: discovery_held, do: [{document: paper}]}
"""
RULES = of_stage(PLAYS.replace("  until: offer_refused\n", ""), before=BEFORE)
KNOWN: dict[str, object] = {"amount": euros(9000), "fields": {"payment_days": 30}}


def ready(discount: str = "5", **known: object) -> Story:
    story = Story(RULES, at=MONDAY, **{**KNOWN, **known})
    story.tell("discount_requested", percent=discount)
    return story


def offered(discount: str = "5", **known: object) -> Story:
    story = ready(discount, **known)
    story.tell("demo_held", id="d-1")
    return story


def sent(story: Story) -> list[str]:
    return [f"{one.document} v{one.version}: {one.terms.words()}" for one in story.all(SendDocument)]


_FIELDS = "fields: {payment_days: number}"
FIRST = "offer v1: amount 9000 EUR, discount 5, payment_days 30"


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


def test_one_that_may_be_out_is_looked_for_and_taken_back_before_the_next_is_sent() -> None:
    story = ready()
    story.keep("send_document", "withdraw_document")
    story.tell("demo_held", id="d-1")
    (first,) = story.all(SendDocument)
    story.come_back(first, "uncertain", reason="no answer")

    story.tell("fields_learned", fields={"payment_days": 60})

    assert [(one.sending, one.reference) for one in story.all(WithdrawDocument)] == [(first.id, None)]
    assert len(story.all(SendDocument)) == 1


def test_one_that_somebody_says_went_out_after_it_was_taken_back_is_taken_back_once_more() -> None:
    story = ready()
    story.keep("send_document", "withdraw_document")
    story.tell("demo_held", id="d-1")
    (first,) = story.all(SendDocument)
    story.come_back(first, "uncertain", reason="no answer")
    story.tell("fields_learned", fields={"payment_days": 60})
    (withdrawal,) = story.all(WithdrawDocument)
    story.come_back(withdrawal, "done")

    story.order("resolve_touch", effect=first.id, sent=True, why="the buyer has it")

    assert [one.sending for one in story.all(WithdrawDocument)] == [first.id, first.id]
    assert len({one.id for one in story.all(WithdrawDocument)}) == 2


@pytest.mark.parametrize("answered", ["proposal_accepted", "proposal_declined", "proposal_expired"])
def test_what_the_buyer_has_answered_or_has_expired_is_left_as_it_is(answered: str) -> None:
    story = offered()

    story.tell(answered, proposal="offer-1")
    story.tell("fields_learned", fields={"payment_days": 60})

    assert (sent(story), story.all(WithdrawDocument)) == ([FIRST], [])


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


def test_a_deal_that_is_lost_takes_its_documents_back() -> None:
    story = offered()

    story.tell("deal_lost", reason="no budget")

    assert [(one.version, one.reason) for one in story.all(WithdrawDocument)] == [(1, "the deal is lost")]


def test_one_that_went_out_while_the_deal_was_lost_is_taken_back() -> None:
    story = ready()
    story.keep("send_document")
    story.tell("demo_held", id="d-1")
    story.tell("deal_lost", reason="no budget")

    story.come_back(story.all(SendDocument)[0], "done", reference="doc-1")

    assert [one.reference for one in story.all(WithdrawDocument)] == ["doc-1"]


def test_what_became_known_while_a_document_was_on_its_way_is_newer_than_what_it_says() -> None:
    story = ready()
    story.keep("send_document")
    story.tell("demo_held", id="d-1")
    story.wait(minutes=5).tell("crm_properties_changed", amount=euros(12000))
    story.wait(minutes=5).come_back(story.all(SendDocument)[0], "done", reference="doc-1")

    assert story.state.deal is not None
    assert str(story.state.deal.amount) == "12,000.00 EUR"


SIGNED = {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}


def test_a_proposal_that_waits_is_not_sent_once_a_contract_is_signed() -> None:
    story = ready()
    story.keep("send_document")
    story.tell("demo_held", id="d-1")
    story.come_back(story.all(SendDocument)[0], "deferred", until="2026-03-04T10:00:00Z")
    story.tell("contract_signed", **SIGNED)
    story.until("2026-03-06 10:00")

    assert sent(story) == [FIRST]


def test_a_proposal_that_goes_out_while_a_contract_is_signed_is_taken_back() -> None:
    story = ready()
    story.keep("send_document")
    story.tell("demo_held", id="d-1")
    story.tell("contract_signed", **SIGNED)
    (late,) = story.all(SendDocument)
    called_off = [*story.withdrawn]
    story.come_back(late, "done", reference="doc-1")

    assert called_off == [late.id]
    assert [one.reference for one in story.all(WithdrawDocument)] == ["doc-1"]


def test_somebody_who_wants_no_marketing_keeps_the_document_and_gets_its_next_version() -> None:
    story = offered()

    story.tell("opted_out", contact="ana")
    kept = story.all(WithdrawDocument)
    story.tell("fields_learned", fields={"payment_days": 60})

    assert (kept, len(sent(story))) == ([], 2)


def test_a_withdrawal_that_the_tool_refuses_is_a_persons_to_settle_and_nothing_new_goes_out() -> None:
    story = offered()
    story.keep("withdraw_document")
    story.tell("fields_learned", fields={"payment_days": 60})

    story.come_back(story.all(WithdrawDocument)[0], "failed", reason="it is completed")

    assert sent(story) == [FIRST]
    assert any("Refused for good: Withdraw offer" in task.title for task in story.all(CreateTask))


def test_what_could_not_be_taken_back_is_with_the_buyer_still_and_nothing_goes_out_beside_it() -> None:
    story = offered()
    story.keep("withdraw_document")
    story.tell("fields_learned", fields={"payment_days": 60})
    story.come_back(story.all(WithdrawDocument)[0], "failed", reason="it is not allowed now")
    story.wait(days=2)  # the play that offered is over
    story.tell("demo_held", id="d-2", demo="second")
    beside = sent(story)

    story.tell("proposal_withdrawn", proposal="offer-1", how="voided")  # somebody did it there
    story.wait(days=4)

    assert (beside, len(sent(story)), len(story.all(WithdrawDocument))) == ([FIRST], 2, 1)


def test_what_was_refused_to_be_taken_back_is_taken_back_under_another_id_once_somebody_says_that_it_went_out() -> None:
    story = ready()
    story.keep("send_document", "withdraw_document")
    story.tell("demo_held", id="d-1")
    (first,) = story.all(SendDocument)
    story.come_back(first, "uncertain", reason="no answer")
    story.tell("fields_learned", fields={"payment_days": 60})
    story.come_back(story.all(WithdrawDocument)[0], "failed", reason="it is not there")

    story.order("resolve_touch", effect=first.id, sent=True, why="the buyer has it")

    assert [one.sending for one in story.all(WithdrawDocument)] == [first.id, first.id]
    assert len({one.id for one in story.all(WithdrawDocument)}) == 2


def perhaps_taken_back() -> Story:
    """An offer whose terms changed. It is not known whether the tool took it back."""
    story = offered()
    story.keep("withdraw_document")
    story.tell("fields_learned", fields={"payment_days": 60})
    story.come_back(story.all(WithdrawDocument)[0], "uncertain", reason="no answer")
    return story


def test_what_may_or_may_not_have_been_taken_back_is_asked_about_and_nothing_goes_out_beside_it() -> None:
    story = perhaps_taken_back()
    story.tell("demo_held", id="d-2", demo="second")
    story.wait(days=4)

    assert sent(story) == [FIRST]
    assert [task.settles for task in story.state.tasks.values() if task.name == "settle_uncertain"] == [
        story.all(WithdrawDocument)[0].id
    ]


@pytest.mark.parametrize("how", ["a person says so", "the tool tells it"])
def test_once_it_is_known_that_it_was_taken_back_the_next_version_goes_out(how: str) -> None:
    story = perhaps_taken_back()

    if how == "the tool tells it":
        story.tell("proposal_withdrawn", proposal="offer-1", how="voided")
    else:
        story.order("resolve_touch", effect=story.all(WithdrawDocument)[0].id, sent=True, why="it is gone")

    assert (len(sent(story)), len(story.all(WithdrawDocument))) == (2, 1)


def test_what_somebody_says_was_not_taken_back_is_taken_back_once_more() -> None:
    story = perhaps_taken_back()

    story.order("resolve_touch", effect=story.all(WithdrawDocument)[0].id, sent=False, why="it is still there")

    assert sent(story) == [FIRST]
    assert len({one.id for one in story.all(WithdrawDocument)}) == 2


def test_what_the_buyer_accepted_while_it_may_have_been_taken_back_stays() -> None:
    story = perhaps_taken_back()

    story.tell("proposal_accepted", proposal="offer-1")
    story.order("resolve_touch", effect=story.all(WithdrawDocument)[0].id, sent=False, why="they were faster")

    assert (sent(story), len(story.all(WithdrawDocument))) == ([FIRST], 1)


def test_a_withdrawal_that_was_not_handed_over_is_made_again_later() -> None:
    story = offered()
    story.keep("withdraw_document")
    story.tell("fields_learned", fields={"payment_days": 60})
    (withdrawal,) = story.all(WithdrawDocument)

    story.come_back(withdrawal, "not_done")
    at_once = len(story.all(WithdrawDocument))
    story.until(f"{story.now + timedelta(hours=1):%Y-%m-%d %H:%M}")

    assert (at_once, len(story.all(WithdrawDocument))) == (1, 2)


def test_a_withdrawal_that_was_not_handed_over_is_dropped_once_the_buyer_has_accepted() -> None:
    story = offered()
    story.keep("withdraw_document")
    story.tell("fields_learned", fields={"payment_days": 60})
    (withdrawal,) = story.all(WithdrawDocument)
    story.tell("proposal_accepted", proposal="offer-1", id="a-1")

    story.come_back(withdrawal, "not_done")
    story.until(f"{story.now + timedelta(hours=1):%Y-%m-%d %H:%M}")

    assert len(story.all(WithdrawDocument)) == 1


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
    story = Story(of_stage("[{name: offer, on: demo_held, do: [{document: offer}]}]", before=f"{_FIELDS}\n{rules}"),
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
