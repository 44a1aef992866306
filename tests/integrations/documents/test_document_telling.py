"""What every tool for documents tells: each thing that becomes of a document once, by webhook or by reading."""

from __future__ import annotations

import pytest

from integrations.kit.mapping.bodies import Unreadable
from store import mirror
from store.intake import IntakeState
from tests.integrations.documents.desk import Desk
from tests.integrations.documents.effects import a_contract, a_proposal, a_renewal, taken_back
from tests.integrations.documents.test_document_contract import ENDS
from tests.integrations.documents.tools import DocumentTool

UNSIGNED = {"decline": "declined", "expire": "expired", "void": "voided"}


async def test_what_we_do_ourselves_does_not_come_back_as_a_fact(desk: Desk) -> None:
    await desk.look()
    effect = a_proposal("echo", desk.tool.name)
    sent = await desk.sent(effect)
    await desk.hear()
    await desk.look()
    await desk.settle(taken_back(effect, sent))
    await desk.hear()
    await desk.look()

    assert desk.facts(sent) == []


def as_told(tool: DocumentTool, end: str) -> str:
    """As which end one is told, as far as the tool tells them apart."""
    return "decline" if end == "expire" and not tool.says_expired else end


def agreed(tool: DocumentTool) -> list[str]:
    """What a deal hears of a proposal whose only reader agrees."""
    return ["proposal_opened", *(["proposal_signed"] if tool.tells_signatures else []), "proposal_accepted"]


async def test_what_a_buyer_does_with_a_proposal_is_told_of_its_deal_once(desk: Desk) -> None:
    await desk.look()
    sent = await desk.sent(a_proposal("told", desk.tool.name))
    await desk.look()
    await desk.do(sent, "view", "sign")
    await desk.hear()
    heard = desk.facts(sent)
    await desk.look()

    assert sorted(heard) == sorted(desk.facts(sent)) == sorted(agreed(desk.tool))
    assert {(one.deal_ref, one.payload["proposal"]) for one in desk.told(sent)} == {("acme-1", sent)}


@pytest.mark.parametrize("end", ENDS)
async def test_a_proposal_that_ends_otherwise_is_told_once_by_webhook_or_by_reading(desk: Desk, end: str) -> None:
    await desk.look()
    sent = await desk.sent(a_proposal(f"ends-{end}", desk.tool.name))
    await desk.hear()
    await desk.look()
    await desk.do(sent, end)
    await desk.hear()
    heard = desk.facts(sent)
    await desk.look()

    told = ENDS[as_told(desk.tool, end)]
    assert heard == ([told] if end in desk.tool.by_webhook else [])
    assert desk.facts(sent) == [told]


async def test_what_no_webhook_brought_is_read_and_told_under_the_same_ids(desk: Desk) -> None:
    await desk.look()
    sent = await desk.sent(a_proposal("read", desk.tool.name))
    await desk.look()
    await desk.do(sent, "view", "sign")
    await desk.look()
    found = desk.facts(sent)
    await desk.hear()

    unread = [] if desk.tool.reads_openings else ["proposal_opened"]
    assert sorted([*found, *unread]) == sorted(desk.facts(sent)) == sorted(agreed(desk.tool))


async def test_what_was_there_before_the_first_reading_is_no_news(desk: Desk) -> None:
    await desk.running.switch(clock_skew=-1200)
    sent = await desk.sent(a_proposal("before", desk.tool.name))
    await desk.do(sent, "view", "sign")
    await desk.running.switch(clock_skew=0)
    await mirror.forget(desk.store, desk.tool.name, f"document:{sent}")  # another installation sent it

    await desk.look()
    await desk.look()

    assert desk.facts(sent) == []


async def test_a_signed_contract_tells_the_days_and_the_amount_that_it_was_sent_for(desk: Desk) -> None:
    sent = await desk.sent(a_contract("signed", desk.tool.name))
    await desk.do(sent, "sign")
    await desk.hear()

    (signed,) = [one for one in desk.told(sent) if one.fact == "contract_signed"]
    assert (signed.payload["term"], signed.deal_ref) == (sent, "acme-1")
    assert (signed.payload["starts_on"], signed.payload["ends_on"]) == ("2026-04-01", "2027-03-31")
    assert signed.payload["value"] == {"amount": "9000", "currency": "EUR"}


async def test_a_contract_whose_term_follows_a_signed_one_renews_it(desk: Desk) -> None:
    sent = await desk.sent(a_renewal("renewed", desk.tool.name))
    await desk.do(sent, "sign")
    await desk.hear()

    assert "contract_renewed" in desk.facts(sent)
    assert "contract_signed" not in desk.facts(sent)


@pytest.mark.parametrize("end", UNSIGNED)
async def test_a_contract_that_is_over_unsigned_was_withdrawn(desk: Desk, end: str) -> None:
    await desk.look()
    sent = await desk.sent(a_contract(f"unsigned-{end}", desk.tool.name))
    await desk.hear()
    await desk.look()
    await desk.do(sent, end)
    await desk.hear()
    await desk.look()

    how = UNSIGNED[as_told(desk.tool, end)]
    assert [(one.fact, one.payload["how"]) for one in desk.told(sent)] == [("contract_withdrawn", how)]


@pytest.mark.parametrize("body", [b"", b"<xml/>", b"[7]", b"{}", b'{"event": 1, "data": {}, "page": 7}', b"\xff\xfe"])
async def test_what_is_no_webhook_of_its_tells_nothing_and_breaks_nothing(desk: Desk, body: bytes) -> None:
    try:
        events = await desk.take(body)
    except Unreadable:
        return
    assert [one for one in events if one.state is IntakeState.WAITING] == []


async def test_a_proposal_that_is_changed_by_hand_says_what_it_costs_now(desk: Desk) -> None:
    if desk.tool.edits is None:
        pytest.skip("the tool tells nothing of it")
    await desk.look()
    sent = await desk.sent(a_proposal("edited", desk.tool.name))
    await desk.hear()

    await desk.edit(sent, amount="8000 EUR")
    await desk.hear()
    await desk.look()

    told = [(one.fact, one.payload.get("amount")) for one in desk.told(sent)]
    assert told == [("proposal_sent", {"amount": "8000", "currency": "EUR"})]


async def test_a_contract_that_is_changed_by_hand_says_what_it_costs_now(desk: Desk) -> None:
    if desk.tool.edits is None:
        pytest.skip("the tool tells nothing of it")
    await desk.look()
    sent = await desk.sent(a_contract("edited-paper", desk.tool.name))
    await desk.hear()

    await desk.edit(sent, amount="8000 EUR")
    await desk.hear()

    told = [(one.fact, one.payload.get("value")) for one in desk.told(sent)]
    assert told == [("contract_sent", {"amount": "8000", "currency": "EUR"})]


@pytest.mark.parametrize("terms", [{}, {"discount": "6"}, {"amount": "9000.00 EUR"}, {"amount": "eight thousand"}])
async def test_what_is_changed_by_hand_and_costs_the_same_as_far_as_is_known_says_no_other_amount(
    desk: Desk, terms: dict[str, str]
) -> None:
    if desk.tool.edits is None:
        pytest.skip("the tool tells nothing of it")
    await desk.look()
    sent = await desk.sent(a_contract(f"edited-{len(str(terms))}", desk.tool.name))
    await desk.hear()

    await desk.edit(sent, **terms)
    await desk.hear()

    assert [one.payload.get("value") for one in desk.told(sent)] == [None] * len(desk.told(sent))
