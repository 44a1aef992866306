"""What adopting a playbook would change, deal by deal, and counted over all of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dealwright.client.deal_state import read_state
from dealwright.client.errors import DealFinished, NoSuchDeal, TemporalAway
from dealwright.impact.change import Impact
from dealwright.impact.comparing import Wanted, impact_on
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_pinned

if TYPE_CHECKING:
    from dealwright.client.deal_client import DealClient
    from dealwright.state import DealState
    from store.database import Store

_UNKNOWN = "Where the deal stands cannot be told from outside now: ask it by adopt_playbook with preview=true."


class Impacts:
    """Works out what adopting one playbook would change for deals. Reads them, and changes nothing."""

    def __init__(self, client: DealClient, store: Store, wanted: Wanted, ahead: timedelta) -> None:
        self._client, self._store, self._wanted, self._ahead = client, store, wanted, ahead
        self._playbooks: dict[str, Playbook] = {}

    async def on(self, deal_id: str) -> Impact:
        """What it would change for one deal, as that stands now.

        Raises:
            StoreError: the playbook that the deal follows cannot be read.
        """
        try:
            state = await read_state(self._client.temporal, deal_id)
        except (DealFinished, NoSuchDeal, TemporalAway) as error:
            return Impact(deal_id=deal_id, cannot=str(error))
        if state is None:
            return Impact(deal_id=deal_id, cannot=_UNKNOWN)
        playbook = await self._playbook(state.bundle or "")
        return await asyncio.to_thread(impact_on, deal_id, state, playbook, self._wanted, _now(state), self._ahead)

    async def _playbook(self, bundle: str) -> Playbook:
        from store import bundles

        if bundle not in self._playbooks:
            self._playbooks[bundle] = load_pinned(await bundles.load(self._store, bundle))
        return self._playbooks[bundle]


def _now(state: DealState) -> datetime:
    """The time on the deal's clock; one on a clock of its own may be ahead of this machine's."""
    known = [at for at in (state.stage_entered_at, *(it.at for it in state.happened.values())) if at is not None]
    return max(datetime.now(UTC), *known)


def counted_by_kind(found: Iterable[Impact]) -> list[dict[str, object]]:
    """How many changes there are of each kind, and in how many deals, the most frequent first."""
    changes, deals = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for impact in found:
        keys = [(change.kind, change.what, change.name) for change in impact.changes]
        changes.update(keys)
        deals.update(set(keys))
    order = sorted(changes, key=lambda key: (key[0], -deals[key], key))
    return [
        {"kind": key[0], "what": key[1], "name": key[2], "changes": changes[key], "deals": deals[key]} for key in order
    ]


def counted_refusals(found: Sequence[Impact]) -> dict[str, int]:
    """Why deals cannot adopt, with how many cannot for each reason."""
    return dict(Counter(one.cannot for one in found if one.cannot is not None).most_common())
