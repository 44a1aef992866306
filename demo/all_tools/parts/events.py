"""Events: a service of the team's subscribes to what happens in the third deal, and does its part when it is won.

It is away when the first event comes.
"""

from __future__ import annotations

import json
from typing import Any

from standardwebhooks.webhooks import Webhook

from demo.all_tools.part import Life, Line, Part
from gateway.development_secrets import DEVELOPMENT_KEY
from store import journal


async def _subscribe(life: Life) -> None:
    wanted = {"url": life.around.listener.url, "deals": [life.deal.deal_id], "after": 0}
    async with life.web(key=DEVELOPMENT_KEY) as web:
        answer = await web.post("/v1/subscriptions", json=wanted)
    answer.raise_for_status()
    life.noted["secret of events"] = answer.json()["secret"]


async def _plan_onboarding(life: Life) -> None:
    """Once it hears that the deal is won, the service plans the onboarding and says so, twice for want of an answer."""

    async def heard_of_it() -> bool:
        return any(one["data"]["entry"].get("stage") == "customer" for one in _told(life).values())

    await life.until("the service heard that the deal is won", heard_of_it)
    note = {"id": "onboarding-1", "text": "Onboarding is planned", "source": "events"}
    async with life.web(key=DEVELOPMENT_KEY) as web:
        for _ in range(2):
            (await web.post(f"/v1/deals/{life.deal.deal_id}/facts/note_added", json=note)).raise_for_status()
    life.heard("events", "note_added")  # nothing waits for it: it is taken with what comes next


def _told(life: Life) -> dict[str, dict[str, Any]]:
    """The events that the service was told, in order, by their ids: one that came again is the one that it has."""
    told: dict[str, dict[str, Any]] = {}
    for headers, body in life.around.listener.requests:
        Webhook(life.noted["secret of events"]).verify(body.decode(), headers)  # it raises where that is wrong
        told.setdefault(headers["webhook-id"], json.loads(body))
    return told


def _numbers(life: Life) -> list[int]:
    """The entries that the service was told, in order."""
    return [int(one["data"]["number"]) for one in _told(life).values()]


async def _compare(life: Life) -> list[Line]:
    async def has_all() -> bool:
        return len(_numbers(life)) >= len(await journal.story(life.stack.store, life.deal.deal_id))

    await life.until("the service has all events", has_all)
    entries = [row.number for row in await journal.story(life.stack.store, life.deal.deal_id)]
    told = _numbers(life)
    return [
        Line("entries of the story", len(entries), len(told)),
        Line("in their order", entries == sorted(entries), told == entries),
    ]


EVENTS = Part(
    tool="events", does="to a service of the team's", acts={"before": _subscribe, "usage": _plan_onboarding},
    compare=_compare, deal="third",
)  # fmt: skip
