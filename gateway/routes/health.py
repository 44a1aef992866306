"""``/healthz``, ``/readyz``, ``/metrics``: the process is alive; Temporal, the store and the dispatcher work."""

from __future__ import annotations

import asyncio
import logging

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field
from sqlalchemy import text

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import TemporalAway
from gateway.audit_trail.writing import AuditWriter
from gateway.events.delivering import Deliverer
from gateway.identities.authentication import require
from gateway.identities.failed_attempts import FailedAttempts
from gateway.problems import ApiError, problems
from gateway.webhooks.dispatch import Dispatcher
from store import event_deliveries
from store.api_keys import Scope
from store.database import Store
from store.errors import StoreAway

log = logging.getLogger(__name__)
router = APIRouter(tags=["Health"], redirect_slashes=False)

CHECK_TIMEOUT = 3.0
"""Seconds that a check may take (wall clock)."""


class Health(BaseModel):
    """The gateway answers."""

    status: str = Field(default="ok", examples=["ok"])


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Health:
    """Answers as long as the process serves requests; looks at nothing else."""
    return Health()


@router.get("/readyz", summary="Can it do its work?", responses=problems(503))
async def readyz(request: Request) -> Health:
    """Ready when Temporal and the database answer, and what webhooks brought and deals tell is passed on."""
    dispatcher: Dispatcher = request.app.state.dispatcher
    deliverer: Deliverer = request.app.state.deliverer
    away = await asyncio.gather(_temporal(request.app.state.deals), _store(request.app.state.store))
    if reasons := "; ".join(
        reason for reason in (*away, dispatcher.health.problem(), deliverer.health.problem()) if reason
    ):
        raise ApiError(503, "not-ready", "Not ready", reasons)
    return Health()


@router.get(
    "/metrics",
    summary="What it counts",
    response_class=PlainTextResponse,
    responses=problems(401, 403, 429, 503),
    dependencies=[require(Scope.READ)],
)
async def metrics(request: Request) -> PlainTextResponse:
    """Counters since the process started, and what waits for subscribers, in Prometheus's text format."""
    writer: AuditWriter = request.app.state.audit
    attempts: FailedAttempts = request.app.state.failed_attempts
    counted = {"failed_authentications": attempts.count, "audit_entries_not_kept": writer.lost}
    lines = [
        f"# TYPE dealwright_gateway_{name}_total counter\ndealwright_gateway_{name}_total {count}"
        for name, count in counted.items()
    ]
    subscribers = (await event_deliveries.counts(request.app.state.store)).values()
    waiting, dead = sum(one.waiting for one in subscribers), sum(one.dead for one in subscribers)
    lines += [
        f"# TYPE dealwright_gateway_event_deliveries_{name} gauge\ndealwright_gateway_event_deliveries_{name} {count}"
        for name, count in {"waiting": waiting, "dead": dead}.items()
    ]
    return PlainTextResponse("\n".join(lines) + "\n")


async def _temporal(deals: DealClient) -> str | None:
    try:
        await asyncio.wait_for(deals.check(), CHECK_TIMEOUT)
    except (TemporalAway, TimeoutError) as error:
        return str(error) or f"Temporal did not answer within {CHECK_TIMEOUT:g} s"
    return None


async def _store(store: Store) -> str | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT), store.reading() as connection:
            await connection.execute(text("SELECT 1"))
    except (StoreAway, TimeoutError) as error:
        log.warning("not ready: %s", error)
        return f"The database did not answer within {CHECK_TIMEOUT:g} s"
    return None
