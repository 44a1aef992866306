"""The team's own product, which tells how it is used over the HTTP API."""

from __future__ import annotations

from demo.all_tools.part import Life, Line, Part
from gateway.development_secrets import DEVELOPMENT_KEY

_HEALTH = 80


async def _report(life: Life) -> None:
    """It reports, and reports the same again, since its first request was not answered in time."""
    at = (await life.deal.now()).isoformat()
    async with life.web(key=DEVELOPMENT_KEY) as web:
        for _ in range(2):
            told = {"id": "usage-1", "at": at, "health": _HEALTH, "source": "product"}
            answer = await web.post(f"/v1/deals/{life.deal.deal_id}/facts/usage_reported", json=told)
            answer.raise_for_status()
    await life.hears("product", "usage_reported")


async def _compare(life: Life) -> list[Line]:
    return [Line("health", (await life.deal.snapshot()).health, _HEALTH)]


USAGE = Part(tool="product", does="usage, over HTTP", acts={"usage": _report}, compare=_compare)
