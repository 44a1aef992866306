"""Record a deal of which the demo tells no story: ``python -m tests.replay.record_steps``.

A pool gives it an owner, it tells one of the team's own systems, and it writes to each contact of a committee. The
file is ``steps-run1.json.gz``; :mod:`tests.replay.record` says when a history may be recorded.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from dealwright.commands import Close, CompleteTask
from dealwright.decision import SEARCH_ATTRIBUTES
from dealwright.facts import ReplyReceived
from local.server.plan import ServerPlan
from local.server.server import LocalServer
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store import bundles
from tests.replay.replaying import activities_in
from tests.workflows.world import World, a_world

HISTORY = Path(__file__).parent / "histories" / "steps-run1.json.gz"
_RULES = """
playbook: steps
roles: {rep: {}, boss: {}}
calendar: {hours: "Mon-Sun 00:00-24:00"}
pools:
  reps:
    members: [{name: Ana, email: ana@seller.example, weight: 2}, {name: Ben, email: ben@seller.example}]
stages:
  - name: selling
    owner: rep
    plays:
      - name: share
        on: entered
        steps:
          - {assign: rep, from: reps}
          - {webhook: crm-mirror, text: Somebody has it}
          - {task: call, due: 1d, outcomes: [connected, voicemail], wait: true}
          - {webhook: crm-mirror, if: {task_done: {call: connected}}, text: They talked}
      - name: sponsors
        on: entered
        for_each: {contact: {role: sponsor}}
        until: [reply_received]
        steps: [{email: hello}, {after: 1d, email: again, reply: true}]
"""
_FILES = {
    "playbook.yaml": _RULES,
    "templates/hello.md": "Subject: Hello\n\nHello {{ contact.name }}\n{{ unsubscribe_url }}\n",
    "templates/again.md": "Subject: Again\n\nAgain {{ contact.name }}\n{{ unsubscribe_url }}\n",
}
_SPONSORS = tuple(
    {"id": one, "name": one.title(), "email": f"{one}@buyer.example", "role": "sponsor", "timezone": "UTC"}
    for one in ("ed", "flo")
)


async def record() -> None:
    """Lead the deal through its life on a server of its own, and keep its history."""
    os.environ["MIRROR_SECRET"] = "whsec_c2VjcmV0IG9mIGEgdGVzdCBvbmx5"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = ServerPlan(
            directory=folder / "temporal", search_attributes=SEARCH_ATTRIBUTES, ui=False, durable=False, own=True
        )
        async with (
            LocalServer.start(plan) as server,
            a_world(server, folder) as world,
            webhook_receiver() as mirror,
        ):
            file = folder / "connections.yaml"
            to = f"{{crm-mirror: {{url: '{mirror.url}', secret: env:MIRROR_SECRET}}}}"
            file.write_text(f"tools: {{endpoints: {{to: {to}}}}}", "utf-8")
            await bundles.publish(world.store, "steps", _FILES)
            async with replace(world, settings=world.settings.model_copy(update={"connections": file})).at_work():
                deal_id = await _live(world, mirror)
                history = await world.run_of(deal_id).fetch_history()
    kept = json.loads(history.to_json())
    assert activities_in(kept) >= {"choose_owner", "post_webhook", "send_email", "create_task"}, activities_in(kept)
    HISTORY.write_bytes(gzip.compress(json.dumps(kept).encode(), mtime=0))


async def _live(world: World, mirror: WebhookReceiver) -> str:
    mirror.answers = [503]  # it is made again
    deal_id = await world.open("steps", title="Acme", contacts=list(_SPONSORS))
    await world.see(deal_id, lambda seen: bool(seen.open_tasks))
    await mirror.has(2)
    await world.deals.record(deal_id, ReplyReceived(contact="ed", sentiment="interested"))
    await world.pass_time(deal_id, timedelta(days=1, hours=1))
    await world.settle(deal_id)
    await world.deals.command(deal_id, CompleteTask(by="Ana", task="call", outcome="connected"))
    await mirror.has(3)
    await world.settle(deal_id)
    await world.deals.command(deal_id, Close(by="Ana", why="no budget", outcome="lost"))
    await world.run_of(deal_id).describe()
    return deal_id


if __name__ == "__main__":
    asyncio.run(record())
