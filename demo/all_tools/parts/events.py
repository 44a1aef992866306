"""Events: a service of the team's subscribes to what happens in the third deal; it is away at first."""

from __future__ import annotations

import json

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


def _numbers(life: Life) -> list[int]:
    """The entries that the service was told, in order; an event that came again is the one that it has."""
    told: dict[str, int] = {}
    for headers, body in life.around.listener.requests:
        Webhook(life.noted["secret of events"]).verify(body.decode(), headers)  # it raises where that is wrong
        told.setdefault(headers["webhook-id"], int(json.loads(body)["data"]["number"]))
    return [*told.values()]


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


EVENTS = Part(tool="events", does="to a service", acts={"before": _subscribe}, compare=_compare, deal="third")
