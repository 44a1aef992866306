"""What every tool for documents keeps to: sent once for exact terms, and taken back, whatever becomes of the calls."""

from __future__ import annotations

import json

import pytest
from temporalio.exceptions import ApplicationError

from integrations.kit.documents import link_of
from integrations.kit.errors import NotHandedOver
from integrations.registry import TOOLS
from tests.integrations.documents.desk import Desk, prepared
from tests.integrations.documents.effects import a_contract, a_proposal, taken_back
from tests.integrations.documents.tools import DOCUMENT_TOOLS

ENDS = {"decline": "proposal_declined", "expire": "proposal_expired", "void": "proposal_withdrawn"}
TROUBLES = ("lose_response", "bad_gateway", "lose_request", "server_error")


def test_every_tool_that_makes_documents_keeps_to_this_contract() -> None:
    makes_documents = {name for name, tool in TOOLS.items() if tool.documents is not None}

    assert makes_documents == {tool.name for tool in DOCUMENT_TOOLS}


async def test_a_document_is_made_from_its_template_for_exact_terms_and_sent(desk: Desk) -> None:
    effect = a_proposal("first", desk.tool.name)

    outcome = await desk.settle(effect)

    (one,) = await desk.made(effect)
    assert (outcome.status, outcome.reference, one.standing, one.sendings) == ("done", one.id, "out", 1)
    assert one.terms == {"amount": "9000 EUR", "discount": "5"}
    assert one.marks["dealwright_deal"] == "acme-1"


async def test_a_contract_carries_its_days_and_what_it_costs(desk: Desk) -> None:
    effect = a_contract("paper", desk.tool.name)

    await desk.settle(effect)

    (one,) = await desk.made(effect)
    said = {"kind": "contract", "starts_on": "2026-04-01", "ends_on": "2027-03-31", "value": "9000 EUR"}
    assert {name: one.marks.get(f"dealwright_{name}") for name in said} == said


@pytest.mark.parametrize("switch", TROUBLES)
@pytest.mark.parametrize("call", ["makes", "sends", "besides"])
async def test_one_document_is_sent_once_whatever_becomes_of_a_call(desk: Desk, call: str, switch: str) -> None:
    files = {"attachments": ("security",)} if desk.tool.attaches else {}
    effect = a_proposal(f"trouble-{switch}-{call}", desk.tool.name, **files)
    await desk.running.switch(only=getattr(desk.tool, call), **{switch: 1})

    outcome = await desk.settle(effect)

    (one,) = await desk.made(effect)
    assert (outcome.status, one.standing, one.sendings) == ("done", "out", 1)
    assert (await link_of(desk.store, desk.tool.name, one.id) is not None) == desk.tool.links


@pytest.mark.parametrize("place", range(12))
async def test_one_document_is_sent_once_wherever_the_worker_dies(desk: Desk, place: int) -> None:
    effect = a_proposal(f"killed-{place}", desk.tool.name)
    for _ in range(2):
        try:
            await desk.worker.attempt_killed_at_the(place, effect, prepare=prepared(desk.documents, effect))
        except ApplicationError:
            continue
    outcome = await desk.settle(effect)

    out = [one for one in await desk.made(effect) if one.standing == "out"]
    assert (outcome.status, [one.sendings for one in out]) == ("done", [1])
    assert (await link_of(desk.store, desk.tool.name, out[0].id) is not None) == desk.tool.links


async def test_a_template_that_nobody_approved_is_waited_for(desk: Desk) -> None:
    with pytest.raises(NotHandedOver, match="no approved template 'offer 4'"):
        await desk.documents.send("acme-1", a_proposal("unapproved", desk.tool.name, template_version="4"))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("switch", TROUBLES)
async def test_a_document_is_taken_back_also_where_its_id_is_not_known(desk: Desk, switch: str, known: bool) -> None:
    effect = a_proposal(f"withdrawn-{switch}-{known}", desk.tool.name)
    sent = await desk.sent(effect)
    await desk.running.switch(only=desk.tool.withdraws, **{switch: 1})

    outcome = await desk.settle(taken_back(effect, sent if known else None))

    (one,) = await desk.made(effect)
    assert (outcome.status, one.standing) == ("done", "over")


async def test_what_the_buyer_has_agreed_to_is_not_taken_back(desk: Desk) -> None:
    effect = a_proposal("agreed", desk.tool.name)
    sent = await desk.sent(effect)
    await desk.do(sent, "sign")

    outcome = await desk.settle(taken_back(effect, sent))

    (one,) = await desk.made(effect)
    assert (outcome.status, one.standing) == ("failed", "agreed")
    assert "the buyer has" in str(outcome.reason)


@pytest.mark.parametrize("over", ENDS)
async def test_what_is_over_is_left_as_it_is(desk: Desk, over: str) -> None:
    effect = a_proposal(f"over-{over}", desk.tool.name)
    sent = await desk.sent(effect)
    await desk.do(sent, over)
    before = await desk.made(effect)

    outcome = await desk.settle(taken_back(effect, sent))

    assert (outcome.status, await desk.made(effect)) == ("done", before)


async def test_webhooks_that_stopped_are_seen_and_set_right(desk: Desk) -> None:
    async def levels() -> list[str]:
        return [one.level for one in await desk.polling.health() if one.about != "audit trail"]

    await desk.polling.repair()
    well = await levels()
    await desk.running.change(do=desk.tool.spoils)
    spoiled = await levels()
    done = [one.level for one in await desk.polling.repair()]

    assert set(well) == {"ok"}
    assert "problem" in spoiled
    assert (set(done), await levels(), await desk.polling.repair()) == ({"ok"}, well, [])


async def test_no_secret_is_told_where_the_key_does_not_hold(desk: Desk) -> None:
    await desk.running.switch(expire_token=9)
    found = await desk.polling.health()
    await desk.running.switch(expire_token=0)
    secrets = [one for one in (await desk.running.connection()).secrets.values() if len(one) < 200]

    said = json.dumps([(one.says, one.remedy) for one in found])
    assert "problem" in {one.level for one in found}
    assert not [one for one in secrets if one in said]
