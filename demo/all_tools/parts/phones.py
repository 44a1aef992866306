"""The team's own telephones, which no vendor knows: a mapping file of the team's own says what their calls mean."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

from demo.all_tools.part import Life, Line, Part
from local.mail_services import WebhookCall

_SECRET = "the secret of the team's telephones"  # noqa: S105 - opens nothing
_CALLS = {"call-1": False, "call-2": True}
"""The calls, and whether they were answered."""


async def _call(life: Life) -> None:
    """Ana calls the buyer in vain, then reaches her; and she calls a colleague, which tells the deal nothing."""
    for call, answered in _CALLS.items():
        await life.twice(_told({"call": call, "reference": life.deal.deal_id, "answered": answered}))
    await life.twice(_told({"call": "call-3", "inside": True}))
    life.heard("phones", *["call_logged"] * len(_CALLS))  # nothing waits for them: they are taken with what comes


def _told(call: dict[str, object]) -> WebhookCall:
    body = json.dumps({**call, "began_at": datetime.now(UTC).isoformat()}).encode()
    at = str(int(time.time()))
    signature = hmac.new(_SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return WebhookCall("phones", body, {"X-Phones-Time": at, "X-Phones-Signature": signature})


async def _compare(life: Life) -> list[Line]:
    reached = [one.variant == "connected" for one in await life.taken() if one.source == "phones"]
    return [
        Line("calls", len(reached), len(_CALLS)),
        Line("that were answered", sum(reached), sum(_CALLS.values())),
    ]


PHONES = Part(
    tool="phones", does="mapping file", acts={"meeting": _call}, compare=_compare, deal="second",
    secret=_SECRET,
)  # fmt: skip
