"""(e) Opened and driven by signed webhooks: facts three times, out of order, and things no deal can be told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
from standardwebhooks.webhooks import Webhook
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from demo.director import Director, deal_of
from gateway.development_secrets import DEVELOPMENT_SECRETS

_PATIENCE = 30
"""Seconds that a request may take (wall clock): a busy machine is slow, and that is no fault of the deal's."""


class Sender:
    """A tool that reports by Standard Webhooks."""

    def __init__(self, deal: Director) -> None:
        self._deal = deal
        self._webhook = Webhook(DEVELOPMENT_SECRETS["standard"])

    async def send(self, event: str, data: dict[str, object], *, times: int = 1) -> None:
        """Send an event, signed; ``times`` says how often the same delivery comes."""
        id_, now = f"msg_{uuid4().hex}", datetime.now(UTC)
        body = json.dumps({"type": event, "timestamp": (await self._happened()).isoformat(), "data": data})
        headers = {
            "webhook-id": id_,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(id_, now, body),
            "content-type": "application/json",
        }
        async with httpx2.AsyncClient(base_url=self._deal.gateway_url, timeout=_PATIENCE) as http:
            for _ in range(times):
                answer = await http.post("/webhooks/standard", content=body, headers=headers)
                answer.raise_for_status()

    async def fact(self, name: str, *, times: int = 1, **fields: object) -> None:
        """Report a fact about the deal."""
        await self.send(name, {"deal_id": self._deal.deal_id, **fields}, times=times)

    async def _happened(self) -> datetime:
        try:
            return await self._deal.now()
        except Exception:  # noqa: BLE001 - the deal is not open yet: it happens now
            return datetime.now(UTC)


async def tell(deal: Director) -> None:
    """Tell the story."""
    sender = Sender(deal)
    opening = deal_of(deal.deal_id, source="inbound").model_dump(mode="json", exclude_none=True)
    await sender.send("deal_opened", {"deal": opening, "playbook": "b2b-saas"}, times=2)
    await deal.see(lambda seen: seen.stage == "research", "a webhook opened the deal")
    await sender.fact("lead_qualified", level="sql", score=70, times=3)
    await deal.stage("outreach")
    await _send_what_no_deal_can_be_told(deal)
    await deal.see(lambda seen: len(seen.attention) >= _REFUSED, "what was wrong is shown")
    # Out of order: the demo is held before anybody said that it was booked, or that a meeting was.
    await sender.fact("demo_held")
    await deal.stage("presentation")
    await sender.fact("demo_booked", starts_at=(await deal.now() - timedelta(hours=1)).isoformat())
    await sender.fact("meeting_booked", starts_at=(await deal.now() - timedelta(days=3)).isoformat())
    await sender.fact("proposal_sent", proposal_id="Q-1004")
    await deal.stage("proposal")
    await sender.fact("proposal_opened", proposal_id="Q-1004", times=3)
    await deal.complete("follow_up_proposal", by="Alex")
    await sender.fact("deal_lost", reason="Bought elsewhere")
    await deal.end("lost")


_REFUSED = 3


async def _send_what_no_deal_can_be_told(deal: Director) -> None:
    """By plain signal: a broken payload, two arguments, no id, a name that nobody knows."""
    broken = Payload(metadata={"encoding": b"json/plain"}, data=b'{"id": "e-1", "at": ')
    await deal.run.signal("demo_held", RawValue(broken))
    await deal.run.signal("reply_received", args=[{"id": "e-2"}, {"id": "e-3"}])
    await deal.run.signal("buying_signal_seen", {"signal": "read the pricing page"})
    await deal.run.signal("moon_landed", {"id": "e-4"})
