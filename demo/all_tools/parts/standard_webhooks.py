"""Standard Webhooks: a service of the team's opens the second deal, and says that the lead is good enough."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from pydantic import JsonValue
from standardwebhooks.webhooks import Webhook

from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.second_deal import PLAYBOOK, second_deal
from gateway.development_secrets import DEVELOPMENT_SECRETS
from local.mail_services import WebhookCall

_SECRET = DEVELOPMENT_SECRETS["standard"]
_SCORE = 85


async def _open(life: Life) -> None:
    deal = second_deal(life.deal.deal_id).model_dump(mode="json", exclude_none=True)
    await life.twice(_event("deal_opened", "moss-1", {"deal": deal, "playbook": PLAYBOOK}))
    await life.deal.see(lambda seen: seen.stage is not None, "the deal is open")
    good: dict[str, JsonValue] = {"deal_id": life.deal.deal_id, "level": "sql", "score": _SCORE}
    await life.twice(_event("lead_qualified", "moss-2", good))
    life.heard("standard", "lead_qualified")  # nothing waits for it: it is taken with what comes next


def _event(kind: str, id_: str, data: dict[str, JsonValue]) -> WebhookCall:
    now = datetime.now(UTC)
    body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data})
    headers = {
        "webhook-id": id_, "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(_SECRET).sign(id_, now, body), "content-type": "application/json",
    }  # fmt: skip
    return WebhookCall("standard", body.encode(), headers)


async def _compare(life: Life) -> list[Line]:
    scores = [one.learned.score for one in await life.taken() if one.source == "standard" and one.learned]
    return [Line("how good the lead is", scores, [_SCORE])]


STANDARD_WEBHOOKS = Part(
    tool="standard_webhooks", does="a service of the team's", acts={"lead": _open}, compare=_compare, deal="second",
    source="standard",
)  # fmt: skip
