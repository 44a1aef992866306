"""A system of the team's own, which a step of the playbook tells of the signed contract; it is away at first."""

from __future__ import annotations

import json

from standardwebhooks.webhooks import Webhook

from demo.all_tools.around import Around
from demo.all_tools.part import Life, Line, Part
from integrations.kit.simulator.simulator import ConnectionExample

_SECRET = "whsec_d2FyZWhvdXNlLW9mLXRoZS10ZWFt"  # noqa: S105 - opens nothing
_ATTEMPTS = 2


async def _hears(life: Life) -> None:
    async def taken() -> bool:
        return bool(await life.done("post_webhook"))

    await life.until("the warehouse took what the deal tells it", taken)


async def _compare(life: Life) -> list[Line]:
    told, ids = [], set[str]()
    for headers, body in life.around.warehouse.requests:
        Webhook(_SECRET).verify(body.decode(), headers)  # it raises where the signature is wrong
        told.append(json.loads(body)["data"]["text"])
        ids.add(headers["webhook-id"])
    effects = [row.effect_id for row in await life.done("post_webhook")]
    return [
        Line("told, under one id each", effects, sorted(ids)),
        Line("attempts, until it was taken", _ATTEMPTS, len(told)),
        Line("what it was told", ["Pack what was sold"], sorted(set(told))),
    ]


def _connected(around: Around) -> ConnectionExample:
    block = {"to": {"warehouse": {"url": around.warehouse.url, "secret": "secret:warehouse"}}}
    return ConnectionExample(source="endpoints", block=block, secrets={"warehouse": _SECRET})


ENDPOINTS = Part(
    tool="endpoints", does="told by a step", acts={"first invoice": _hears}, compare=_compare, deal="third",
    connected=_connected,
)  # fmt: skip
