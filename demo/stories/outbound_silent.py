"""(c) Outbound: never replies; closed as unresponsive after the last step."""

from __future__ import annotations

from dealwright.facts import LeadQualified
from demo.director import Director


async def tell(deal: Director) -> None:
    """Tell the story."""
    await deal.open(source="outbound")
    await deal.tell(LeadQualified(id="c-qualified", level="mql"))
    await deal.complete("connect_on_linkedin", by="Sam")
    await deal.complete("call", by="Sam")
    await deal.end("unresponsive")
