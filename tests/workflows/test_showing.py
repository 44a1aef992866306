"""What people see of a deal in the Temporal UI and in lists, and that showing it costs little."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import WorkflowMetadata

from dealwright.client.listing import FoundDeal
from dealwright.commands import COMMANDS, Acknowledge
from dealwright.facts import FACTS, EmailOpened, LeadQualified, NoteAdded, ReplyReceived
from tests.temporal_environment import wait_until
from tests.workflows.world import World, of_type

pytestmark = pytest.mark.server


async def metadata_of(world: World, deal_id: str) -> WorkflowMetadata:
    shown = await world.run_of(deal_id).query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert isinstance(shown, WorkflowMetadata)
    return shown


def summaries(world: World, events: Sequence[HistoryEvent], kind: EventType.ValueType) -> list[str]:
    payloads: list[Payload] = [event.user_metadata.summary for event in of_type(events, kind)]
    return [str(world.client.data_converter.payload_converter.from_payload(payload)) for payload in payloads]


async def listed(world: World, deal_id: str) -> FoundDeal | None:
    found = (await world.deals.find("any", limit=1000)).deals
    return next((deal for deal in found if deal.deal_id == deal_id), None)


async def test_the_timer_says_in_words_until_when_it_waits_and_for_what(world: World) -> None:
    deal_id = await world.open()
    await world.deals.record(deal_id, LeadQualified(level="sql"))
    await world.see(deal_id, lambda seen: seen.next_action is not None and "two" in seen.next_action)
    await world.pass_time(deal_id, timedelta(minutes=20))  # a near timer from before is left standing until it fires
    timers = summaries(world, await world.history(deal_id), EventType.EVENT_TYPE_TIMER_STARTED)
    assert timers[-1].startswith("Waiting until ")
    assert "cadence, step 2: e-mail two" in timers[-1]


async def test_only_one_timer_runs_at_a_time(world: World) -> None:
    deal_id = await world.open()
    for number in range(5):
        await world.deals.record(deal_id, LeadQualified(id=str(number), level="sql"))
        await world.settle(deal_id)
    pending = (await world.run_of(deal_id).describe()).raw_description
    history = await world.history(deal_id)
    started = len(list(of_type(history, EventType.EVENT_TYPE_TIMER_STARTED)))
    ended = [EventType.EVENT_TYPE_TIMER_CANCELED, EventType.EVENT_TYPE_TIMER_FIRED]
    assert started - sum(len(list(of_type(history, kind))) for kind in ended) == 1
    assert pending.workflow_execution_info.status == 1


async def test_activities_say_what_they_do_without_personal_data(world: World) -> None:
    deal_id = await world.open()
    await world.deals.record(deal_id, LeadQualified(level="sql"))
    await world.see(deal_id, lambda seen: seen.next_action is not None and "two" in seen.next_action)
    history = await world.history(deal_id)
    said = summaries(world, history, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    assert "Send one (cadence, step 1)" in said
    assert all("Ada" not in text and "@" not in text for text in said)


async def test_the_run_is_summed_up_in_one_line(world: World) -> None:
    deal_id = await world.open()
    run = await world.run_of(deal_id).describe()
    assert await run.static_summary() == f"Deal {deal_id}, playbook steady"


async def test_the_page_says_where_the_deal_stands_and_what_comes_next(world: World) -> None:
    deal_id = await world.open()
    await world.deals.record(deal_id, LeadQualified(level="sql"))
    await world.see(deal_id, lambda seen: seen.next_action is not None and "two" in seen.next_action)
    page = (await metadata_of(world, deal_id)).current_details
    assert page.startswith("**Nothing blocks. Next: cadence, step 2: e-mail two")
    assert "Stage talking since" in page
    assert "Leaves when: contract signed" in page
    assert "### Next\n- " in page


async def test_the_page_shows_what_was_just_sent_before_anything_else_is_decided(world: World) -> None:
    deal_id = await world.open()
    await world.deals.record(deal_id, LeadQualified(level="sql"))

    async def shown() -> bool:
        return "Send one (cadence, step 1): done" in (await metadata_of(world, deal_id)).current_details

    await wait_until(shown)


async def test_a_parked_or_refused_fact_is_the_first_line_of_the_page(world: World) -> None:
    deal_id = await world.open()
    await world.run_of(deal_id).signal("moon_landed", {})
    await world.settle(deal_id)
    page = (await metadata_of(world, deal_id)).current_details
    assert page.startswith("**Needs attention: Fact 'moon\\_landed' refused")


async def test_every_fact_and_command_is_offered_with_what_it_means(world: World) -> None:
    deal_id = await world.open()
    await world.settle(deal_id)
    offered = (await metadata_of(world, deal_id)).definition
    assert {signal.name for signal in offered.signal_definitions} >= set(FACTS)
    assert {update.name for update in offered.update_definitions} == set(COMMANDS)
    assert {query.name for query in offered.query_definitions} >= {"snapshot", "agenda", "story", "verdict"}
    assert all(one.description for one in offered.signal_definitions if one.name)
    assert all(one.description for one in offered.update_definitions)


async def test_a_deal_is_listed_by_what_changes_rarely(world: World) -> None:
    amount = {"amount": "24000", "currency": "EUR"}
    deal_id = await world.open(account={"id": "acme", "name": "Acme"}, amount=amount)
    await world.deals.record(deal_id, LeadQualified(level="sql", score=71))

    async def complete() -> bool:
        deal = await listed(world, deal_id)
        return deal is not None and deal.score == 71

    await wait_until(complete)
    deal = await listed(world, deal_id)
    assert deal is not None
    assert (deal.stage, deal.owner_role, deal.account, deal.playbook) == ("talking", "rep", "acme", "steady")
    assert (deal.amount, deal.currency) == (24000, "EUR")
    assert (deal.outcome, deal.needs_attention, deal.finished) == ("open", False, False)


async def test_what_happens_at_every_step_changes_no_search_attribute(world: World) -> None:
    deal_id = await world.open()
    await world.settle(deal_id)
    await world.deals.record(deal_id, LeadQualified(level="sql"))
    for number in range(3):
        await world.deals.record(deal_id, EmailOpened(id=f"o{number}"))
        await world.deals.record(deal_id, NoteAdded(id=f"n{number}", text="a note"))
        await world.pass_time(deal_id, timedelta(days=1))
    await world.deals.record(deal_id, ReplyReceived(sentiment="interested"))
    await world.settle(deal_id)
    upserts = of_type(await world.history(deal_id), EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES)
    assert len(list(upserts)) == 1  # when it was opened


async def test_what_needs_attention_is_listed_until_it_is_acknowledged(world: World) -> None:
    deal_id = await world.open()
    await world.run_of(deal_id).signal("moon_landed", {})

    async def in_need(*, wanted: bool) -> bool:
        deal = await listed(world, deal_id)
        return deal is not None and deal.needs_attention is wanted

    await wait_until(lambda: in_need(wanted=True))
    await world.deals.command(deal_id, Acknowledge(by="Ana", why="a typo of ours", point="all"))
    await wait_until(lambda: in_need(wanted=False))


async def test_nothing_personal_stands_in_search_attributes_and_summaries(world: World) -> None:
    deal_id = await world.open(owners={"rep": {"name": "Sam Seller", "email": "sam@seller.example"}})
    await world.deals.record(deal_id, LeadQualified(level="sql"))
    await world.pass_time(deal_id, timedelta(days=3))
    history = await world.history(deal_id)
    attributes = of_type(history, EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES)
    said = [str(event.upsert_workflow_search_attributes_event_attributes) for event in attributes]
    said += [str(event.user_metadata) for event in history]
    said.append(str((await world.run_of(deal_id).describe()).raw_description.workflow_execution_info))
    assert not [text for text in said if "Sam" in text or "Ada" in text or "@" in text]
