"""Documents that are taken back, and those of which nobody knows whether they were."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dealwright.effects import CreateTask, SendDocument, WithdrawDocument
from tests.dealwright.approval_stories import euros
from tests.dealwright.document_stories import FIRST, RULES, offered, ready, sent
from tests.dealwright.story import ANA, Story


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


def test_a_contract_that_was_not_handed_over_is_not_sent_once_another_is_signed() -> None:
    days = {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}
    story = Story(RULES, amount=euros(9000), contacts=[ANA, {**ANA, "id": "bo", "role": "signer"}], fields=days)
    story.keep("send_document")
    story.tell("discovery_held", id="c-1")
    story.tell("contract_signed", **SIGNED)

    story.come_back(story.all(SendDocument)[0], "not_done", reason="the tool is away")
    story.until("2026-03-06 10:00")

    assert len(story.all(SendDocument)) == 1


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
