"""Which deals a change of the playbook is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import typer

from dealwright.client.deal_client import DealClient

_PAGE = 1000
ALL = "all"


class WhichDeals(NamedTuple):
    """Open deals that follow some version of a playbook; of a stage, or by their ids."""

    playbook: str
    """Deals that follow another playbook are only taken by their ids."""
    stage: str | None = None
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.ids:
            return " ".join(self.ids)
        return f"stage={self.stage}" if self.stage else ALL


def read_which(told: Sequence[str], playbook: str) -> WhichDeals:
    """Which deals are meant by ``all``, ``stage=S`` or ids.

    Raises:
        BadParameter: nothing, or two of these, are meant.
    """
    told = [each for text in told for each in text.replace(",", " ").split()]
    stages = [each.removeprefix("stage=") for each in told if each.startswith("stage=")]
    if not told or (len(told) > 1 and (stages or ALL in told)) or "" in stages:
        raise typer.BadParameter("write all, stage=NAME, or the ids of deals")
    if stages:
        return WhichDeals(playbook, stage=stages[0])
    return WhichDeals(playbook) if told == [ALL] else WhichDeals(playbook, ids=tuple(dict.fromkeys(told)))


async def find_deals(client: DealClient, which: WhichDeals) -> list[str]:
    """The ids of these deals, in order. Temporal's list may be some moments behind.

    Raises:
        TemporalAway: Temporal did not answer.
    """
    if which.ids:
        return list(which.ids)
    found, page = list[str](), None
    while True:
        answer = await client.find("open", stage=which.stage, limit=_PAGE, page=page)
        found += [one.deal_id for one in answer.deals if one.playbook == which.playbook]
        page = answer.next_page
        if not page:
            return sorted(set(found))
