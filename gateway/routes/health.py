"""``/healthz``, ``/readyz``, ``/metrics``: the process is alive; Temporal, the store and the dispatcher work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field
from sqlalchemy import text

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import TemporalAway
from gateway.audit_trail.writing import AuditWriter
from gateway.background import Background
from gateway.identities.authentication import require
from gateway.identities.failed_attempts import FailedAttempts
from gateway.problems import ApiError, problems
from store import event_deliveries, feeds, work_messages
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
    background: Background = request.app.state.background
    away = await asyncio.gather(_temporal(request.app.state.deals), _store(request.app.state.store))
    if reasons := "; ".join(reason for reason in (*away, *background.problems()) if reason):
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
    """Counters since the process started, what waits, and how each background task is, in Prometheus's text format."""
    writer: AuditWriter = request.app.state.audit
    attempts: FailedAttempts = request.app.state.failed_attempts
    counted = {"failed_authentications": attempts.count, "audit_entries_not_kept": writer.lost}
    lines = [
        f"# TYPE dealwright_gateway_{name}_total counter\ndealwright_gateway_{name}_total {count}"
        for name, count in counted.items()
    ]
    store: Store = request.app.state.store
    subscribers = (await event_deliveries.counts(store)).values()
    lines += _gauge("event_deliveries_waiting", {"": sum(one.waiting for one in subscribers)})
    lines += _gauge("event_deliveries_dead", {"": sum(one.dead for one in subscribers)})
    lines += _gauge("audit_entries_waiting", {"": writer.waiting})
    lines += _of_tasks(request.app.state.background)
    lines += await _of_schedules(store)
    return PlainTextResponse("\n".join(lines) + "\n")


def _of_tasks(background: Background) -> list[str]:
    tasks = {f'{{task="{task.name}"}}': task for task in background.health}
    return [
        *_gauge("task_running", {label: int(task.is_running) for label, task in tasks.items()}),
        *_gauge("task_idle_seconds", {label: round(task.idle(), 1) for label, task in tasks.items()}),
        *_gauge("task_failing_seconds", {label: round(task.failing(), 1) for label, task in tasks.items()}),
    ]


async def _of_schedules(store: Store) -> list[str]:
    """What workers do by Temporal's Schedules, as the store shows it: read tools, and tell people of their work."""
    now = datetime.now(UTC)
    read = {f'{{source="{source}"}}': _age(at, now) for source, at in (await feeds.read_at(store)).items()}
    waiting = await work_messages.waiting_since(store)
    return _gauge("tool_read_seconds_ago", read) + _gauge("work_message_waiting_seconds", {"": _age(waiting, now)})


def _age(since: datetime | None, now: datetime) -> int:
    return max(0, int((now - since).total_seconds())) if since else 0


def _gauge(name: str, values: Mapping[str, float]) -> list[str]:
    """A gauge with a value for each of its labels; none where there are no values."""
    full = f"dealwright_gateway_{name}"
    return [f"# TYPE {full} gauge", *(f"{full}{label} {value}" for label, value in values.items())] if values else []


async def _temporal(deals: DealClient) -> str | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            await deals.check()
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
