"""The worker of one side: ``python -m bench.worker real|bare DIRECTORY CACHED``. It ends when its standard input does.

It writes the id of a deal to its standard output for each effect that it has done.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from temporalio import activity
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

from activities.decide import DecideActivity
from bench.bare import BareDeal
from bench.life import BareRequest
from bench.plan import plan
from bench.variant import BARE, READY, REAL, VARIANTS, Variant
from dealwright import contract
from dealwright.effects import EFFECT_KINDS, Outcome
from playbooks import shipped
from runtime.gc_tuning import tune_gc
from runtime.settings import Settings
from store import bundles
from store.database import Store
from worker import AtOnce, work_at_once
from workflows.deal import DealWorkflow

WORKFLOWS = {REAL: DealWorkflow, BARE: BareDeal}


def nothing_for_a_deal(kind: str) -> Callable[..., object]:
    """An effect of the real side that does nothing."""

    @activity.defn(name=kind)
    async def do_nothing(request: contract.EffectRequest) -> Outcome:
        print(request.deal_id, flush=True)
        return Outcome(effect=request.effect.id, kind=kind, status="done", journaled=True)

    return do_nothing


def nothing_by_hand(kind: str) -> Callable[..., object]:
    """An effect of the bare side that does nothing."""

    @activity.defn(name=kind)
    async def do_nothing(request: BareRequest) -> Outcome:
        print(request.deal_id, flush=True)
        return Outcome(effect=request.effect.id, kind=kind, status="done", journaled=True)

    return do_nothing


@activity.defn(name=contract.WRITE_JOURNAL)
async def write_nothing(request: contract.JournalRequest) -> None:
    """A journal that keeps nothing."""
    del request


@activity.defn(name=contract.WITHDRAW)
async def withdraw_nothing(request: contract.WithdrawRequest) -> list[Outcome]:
    """A ledger that can still call everything off."""
    return [Outcome(effect=effect, kind="", status="withdrawn", journaled=True) for effect in request.effects]


async def activities_of(side: Variant, directory: Path) -> list[Callable[..., object]]:
    """The side's activities: effects that do nothing; on the real side the decisions, as they are."""
    if side == BARE:
        plan()  # read before the first deal, as code is
        return [nothing_by_hand(kind) for kind in EFFECT_KINDS]
    store = Store.open(f"sqlite:///{directory}/playbooks.db")
    await store.migrate()
    for name, files in shipped().items():
        await bundles.publish(store, name, files)
    effects = [nothing_for_a_deal(kind) for kind in EFFECT_KINDS]
    return [DecideActivity(store).decide, write_nothing, withdraw_nothing, *effects]


async def main(side: Variant, directory: Path, cached: int) -> None:
    """Work until standard input ends: the real side as an installation's worker does, the bare one as the SDK does."""
    client = await Client.connect(**ClientConfig.load_client_connect_config(), plugins=[side.plugin])
    activities = await activities_of(side, directory)
    at_once: AtOnce = {}
    if side == REAL:
        tune_gc()
        at_once = work_at_once(Settings())
    worker = Worker(
        client,
        task_queue=side.task_queue,
        workflows=[WORKFLOWS[side]],
        activities=activities,
        max_cached_workflows=cached,
        **at_once,
    )
    async with worker:
        print(READY, flush=True)
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(main(VARIANTS[sys.argv[1]], Path(sys.argv[2]), int(sys.argv[3])))
    os._exit(0)  # the SDK's threads may crash the interpreter at its exit
