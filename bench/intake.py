"""How many events a second the intake takes and passes on, against an endpoint that only signals."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Literal

import httpx2
from pydantic import BaseModel, ConfigDict
from rich.console import Console
from standardwebhooks.webhooks import Webhook

from bench.under_load import Environment, a_server
from dealwright.client.deal_client import DealClient
from dealwright.identity import DEFAULT_PLAYBOOK
from local.server.ports import free_ports
from store import intake
from store.database import Store
from store.intake import IntakeState

DEALS, EVENTS, ROUNDS = 100, 2_000, 3
_AT_ONCE = 32
"""Requests that are under way at the same time."""
SECRET = "whsec_" + base64.b64encode(b"what the bench signs with").decode()
_PATIENCE = 300
_SIDES: Mapping[str, tuple[str, ...]] = {
    "real": ("-m", "starter.cli", "gateway"),
    "bare": ("-m", "bench.bare_endpoint"),
}
Side = Literal["real", "bare"]


class IntakeRates(BaseModel):
    """Events a second, of each round."""

    model_config = ConfigDict(frozen=True)

    real: tuple[float, ...]
    """From the first request until the last event has reached its deal."""
    bare: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The intake's rate in parts of the endpoint's."""
        return median(self.real) / median(self.bare)


async def measure_intake(directory: Path, console: Console) -> IntakeRates:
    """Measure both sides, in turns, each with deals of its own. No worker runs: deals only receive."""
    rates: dict[Side, list[float]] = {"real": [], "bare": []}
    await asyncio.to_thread(directory.mkdir)
    store = Store.open(f"sqlite:///{directory}/intake.db")
    await store.migrate()
    try:
        async with a_server(directory) as (client, environment):
            deals = DealClient(client)
            async with (
                _gateway("real", directory, environment) as real,
                _gateway("bare", directory, environment) as bare,
            ):
                both: dict[Side, httpx2.AsyncClient] = {"real": real, "bare": bare}
                for number in range(ROUNDS):
                    for side, web in both.items():
                        console.print(f"bench: intake, round {number + 1} of {ROUNDS}, {EVENTS:,} events, {side}")
                        ids = [f"{side}-{number}-{one}" for one in range(DEALS)]
                        await asyncio.gather(*(_open(deals, one) for one in ids))
                        rates[side].append(EVENTS / await _seconds(side, web, ids, store))
    finally:
        await store.close()
    return IntakeRates(real=tuple(rates["real"]), bare=tuple(rates["bare"]))


@asynccontextmanager
async def _gateway(side: Side, directory: Path, environment: Environment) -> AsyncIterator[httpx2.AsyncClient]:
    (port,) = free_ports(1)
    ours = {
        "DATABASE_URL": f"sqlite:///{directory}/intake.db", "DEALWRIGHT_GATEWAY_PORT": str(port),
        "DEALWRIGHT_API_KEYS": "the-key-of-the-bench", "DEALWRIGHT_WEBHOOK_SECRETS": json.dumps({"standard": [SECRET]}),
        "DEALWRIGHT_RATE_PER_SOURCE": "0", "DEALWRIGHT_LOG_LEVEL": "warning",
    }  # fmt: skip
    command = _SIDES[side] if side == "real" else (*_SIDES[side], str(port))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env={**os.environ, **environment, **ours}, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as web:
            await _until_it_answers(web)
            yield web
    finally:
        process.terminate()
        await process.wait()


async def _until_it_answers(web: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not await _answers(web):  # noqa: ASYNC110 - the gateway is another process
            await asyncio.sleep(0.1)


async def _answers(web: httpx2.AsyncClient) -> bool:
    try:
        return (await web.get("/healthz")).is_success
    except httpx2.TransportError:
        return False


async def _open(deals: DealClient, deal_id: str) -> None:
    await deals.open({"id": deal_id}, DEFAULT_PLAYBOOK, until_decided=timedelta())


async def _seconds(side: Side, web: httpx2.AsyncClient, deals: Sequence[str], store: Store) -> float:
    """How long it takes until all events of a round have reached their deals."""
    requests = [_request(deals[number % len(deals)], number) for number in range(EVENTS)]
    before = await _passed_on(store)
    clock, turn = asyncio.get_running_loop().time, asyncio.Semaphore(_AT_ONCE)

    async def send(body: bytes, headers: Mapping[str, str]) -> None:
        async with turn:
            (await web.post("/webhooks/standard", content=body, headers=headers)).raise_for_status()

    began = clock()
    async with asyncio.timeout(_PATIENCE):
        await asyncio.gather(*(send(*request) for request in requests))
        while side == "real" and await _passed_on(store) - before < EVENTS:  # noqa: ASYNC110 - the gateway is another process
            await asyncio.sleep(0.05)
    return clock() - began


async def _passed_on(store: Store) -> int:
    return (await intake.counts(store)).get(IntakeState.DISPATCHED, 0)


def _request(deal_id: str, number: int) -> tuple[bytes, Mapping[str, str]]:
    """An event of a source that signs as Standard Webhooks says."""
    now, id_ = datetime.now(UTC), f"{deal_id}-{number}"
    data = {"deal_id": deal_id, "text": "Somebody wrote something down"}
    body = json.dumps({"type": "note_added", "timestamp": now.isoformat(), "data": data})
    signature = Webhook(SECRET).sign(id_, now, body)
    return body.encode(), {
        "webhook-id": id_,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
        "Content-Type": "application/json",
    }
