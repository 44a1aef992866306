"""Slack: the discount is asked of Max there, who grants it by a button; what is to be known is told in a channel."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from dealwright.facts import DiscountRequested
from demo.all_tools.part import Life, Line, Part
from demo.colleague import Colleague
from demo.slack_count import count_slack
from demo.slack_people import SlackPeople
from store import work_messages

_MAX, _ALL = "max@seller.example", 1000


async def _grant(life: Life) -> None:
    boss = Colleague(life.deal.gateway_url, _MAX)
    await boss.choose(channel="slack")
    await life.deal.tell(DiscountRequested(id="all-discount", percent=Decimal(20), by="Sam Holt"))
    await boss.is_asked(life.deal.deal_id, "discount")
    await life.deal.tell_people()
    await SlackPeople(life.tool("slack")).press(_MAX, "Approve", about="discount")
    await life.deal.see(lambda seen: not seen.open_approvals, "the press in Slack granted the discount")


async def _compare(life: Life) -> list[Line]:
    store = life.stack.store
    told = [one for one in await work_messages.recent(store, limit=_ALL) if one.planned_at >= life.began]
    counted = await count_slack(life.tool("slack"), 0, store, [life.deal.deal_id], told, patience=timedelta(seconds=10))
    there = len(counted.messages) - counted.about_work
    return [
        Line("notices", counted.notices, there),
        Line("approvals answered by a button", 1, counted.pressed),
        Line("what is wrong in Slack", [], counted.faults),
    ]


SLACK = Part(
    tool="slack",
    does="chat",
    acts={"discount": _grant},
    compare=_compare,
    options={"calls_a_minute": "5000", "posts_a_second": "50"},
)
