"""Connect: how it is set up, and the queue of what it could not tell, which is seen and drained."""

from __future__ import annotations

import pytest

from integrations.docusign.connect import EVENTS
from integrations.docusign.polling import DocuSignPolling
from integrations.docusign.settings import DocuSignConnection
from integrations.docusign.tool import DOCUSIGN
from integrations.kit.simulator.process import RunningSimulator
from starter.checks.tools import check_tool
from store.database import Store
from tests.integrations.documents.desk import Desk
from tests.integrations.documents.effects import a_proposal
from tests.integrations.docusign.webhooks import read


async def levels(polling: DocuSignPolling) -> list[tuple[str, str]]:
    return [(one.about, one.level) for one in await polling.health()]


WELL = [("credentials", "ok"), ("Connect configuration", "ok")]


@pytest.mark.parametrize(("done", "mended"), [("disable", "it was set right"), ("remove", "it was made")])
async def test_a_configuration_that_is_off_or_gone_is_seen_and_set_right(
    docusign: RunningSimulator, polling: DocuSignPolling, done: str, mended: str
) -> None:
    well = await levels(polling)
    await docusign.change(do=done)
    seen = await levels(polling)
    said = [one.says for one in await polling.repair()]

    assert (well, seen, said) == (WELL, [WELL[0], ("Connect configuration", "problem")], [mended])
    assert await levels(polling) == WELL
    (one,) = (await docusign.state())["configurations"].values()  # type: ignore[union-attr] # an object
    assert set(EVENTS) <= set(one["events"])  # type: ignore[arg-type, call-overload, index] # a list
    assert [one["requiresAcknowledgement"], one["includeHMAC"]] == ["true", "true"]  # type: ignore[call-overload, index]


async def test_without_the_address_of_the_gateway_nobody_looks_after_connect(
    connection: DocuSignConnection, store: Store, docusign: RunningSimulator
) -> None:
    polling = DocuSignPolling(connection.model_copy(update={"webhook_url": None}), store)

    assert await levels(polling) == [WELL[0], ("Connect configuration", "warning")]
    assert await polling.repair() == []
    await polling.close()


async def test_after_one_refusal_the_queue_is_seen_and_drained_in_order_and_nothing_is_taken_twice(
    desk: Desk, connection: DocuSignConnection, polling: DocuSignPolling
) -> None:
    docusign, door = desk.running, desk.door
    await docusign.change(do="remove")
    await polling.repair()
    sent = await desk.sent(a_proposal("queued", "docusign"))
    await docusign.deliver()
    came = len(door.requests)
    door.answers = [503]
    for what in ("view", "sign"):
        await docusign.change(do=what, envelope=sent)
    await docusign.switch(hold=False)  # from here on Connect sends by itself, and once a day what was refused
    await door.has(came + 1)

    checked = await check_tool(DOCUSIGN, connection, polling, desk.store)  # as ``dealwright integration check`` does
    seen = {one.about: one for one in checked}["Connect queue"]
    told_while_down = len(door.requests) - came
    done = [one.says for one in await polling.repair()]
    await door.has(came + 4)

    assert told_while_down == 1  # the one that was refused: the others are only queued
    assert (seen.level, seen.says) == ("problem", "DocuSign holds back 3 event(s): HTTP 503")
    assert done == ["DocuSign was asked to send 3 event(s) again"]
    assert await levels(polling) == WELL
    events = await read(desk.store, *(body for _, body in door.requests[came:]))
    told = [event.fact for event in events if event.fact]
    assert told == ["proposal_opened", "proposal_opened", "proposal_signed", "proposal_accepted"]
    assert len({event.event_id for event in events if event.fact}) == 3  # what came twice has one id
