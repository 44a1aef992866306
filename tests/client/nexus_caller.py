"""A workflow of another team, in a namespace of its own: it reaches deals through a Nexus endpoint only."""

from __future__ import annotations

from collections.abc import Awaitable

from temporalio import workflow
from temporalio.exceptions import NexusOperationError

with workflow.unsafe.imports_passed_through():
    from nexusrpc import HandlerError

    from dealwright import CommandToGive, DealsService, DealToOpen, DealToRead, FactToTell


@workflow.defn
class Sells:
    """Opens a deal, tells it that its lead is qualified, pauses it, and reads where it stands."""

    @workflow.run
    async def run(self, endpoint: str, deal_id: str, playbook: str) -> list[bool | str]:
        deals = workflow.create_nexus_client(service=DealsService, endpoint=endpoint)
        opened = await deals.execute_operation(DealsService.open_deal, DealToOpen({"id": deal_id}, playbook))
        again = await deals.execute_operation(DealsService.open_deal, DealToOpen({"id": deal_id}, playbook))
        fact = FactToTell(deal_id, "lead_qualified", f"{workflow.info().workflow_id}/qualified", {"level": "sql"})
        told = await deals.execute_operation(DealsService.tell_fact, fact)
        pause = CommandToGive(deal_id, "pause", "pause-1", {"by": "Ana", "why": "the buyer is on holiday"})
        verdict = await deals.execute_operation(DealsService.give_command, pause)
        read = await deals.execute_operation(DealsService.read_deal, DealToRead(deal_id))
        return [opened.opened_now, again.opened_now, told.id, verdict.accepted, read.snapshot["stage"]]


@workflow.defn
class AsksWrongly:
    """Asks for what there is not, and returns what it is told of each."""

    @workflow.run
    async def run(self, endpoint: str, deal_id: str) -> list[str]:
        deals = workflow.create_nexus_client(service=DealsService, endpoint=endpoint)
        return [
            await refusal_of(deals.execute_operation(DealsService.read_deal, DealToRead("nobody-opened-it"))),
            await refusal_of(deals.execute_operation(DealsService.tell_fact, FactToTell(deal_id, "demo_hold", "1"))),
            await refusal_of(deals.execute_operation(DealsService.open_deal, DealToOpen({"id": "no id"}))),
        ]


async def refusal_of(operation: Awaitable[object]) -> str:
    """What is wrong with a call."""
    try:
        await operation
    except NexusOperationError as error:
        if isinstance(error.cause, HandlerError):
            return f"{error.cause.type.value}: {error.cause}"
        raise
    return "nothing"
