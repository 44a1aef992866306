"""The local activity around ``decide``: it loads the playbook and validates new deals."""

from __future__ import annotations

import json
from collections.abc import Iterable

from temporalio import activity
from temporalio.exceptions import ApplicationError

from dealwright import contract
from dealwright import entries as e
from dealwright.commands import AdoptPlaybook
from dealwright.decide import decide, decide_after_the_end, refuse_deal
from dealwright.decision import Decision, Received
from dealwright.identity import DEFAULT_PLAYBOOK
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import BadPlaybook, load_bundle, load_pinned
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import admit
from store import bundles, finished, rebuilt_deals
from store.database import Store
from store.errors import StoreAway, StoreError, UnknownPlaybook


class DecideActivity:
    """Decides for every deal. A playbook is read once per content hash, for as long as the process lives."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._playbooks: dict[str, Playbook] = {}
        self._checked_bundles: set[str] = set()

    @activity.defn(name=contract.DECIDE)
    async def decide(self, request: contract.DecideRequest) -> Decision:
        """Decide.

        Raises:
            ApplicationError: of type ``StoreAway`` when the playbook cannot be fetched now; any other is a bug.
        """
        try:
            if request.state.deal is None:
                return await self._open(request)
            playbook = await self._pinned(request.state.bundle or "")
            offers = await self._offers(request.inbox, request.state.adopts)
        except StoreAway as error:
            raise ApplicationError(str(error), type=contract.STORE_AWAY) from None  # as in integrations/kit/errors.py
        return decide(request.state, playbook, request.inbox, request.now, offers=offers)

    async def _open(self, request: contract.DecideRequest) -> Decision:
        start = request.start
        if start is not None and start.after_the_end:
            return await self._after_the_end(request)
        name = (start and start.playbook) or DEFAULT_PLAYBOOK
        try:
            deal = admit(start.deal if start else {})
            if deal.id != request.deal_id:
                return refuse_deal(
                    f"The deal's id is {deal.id!r}, but it was started as {request.deal_id!r}.", request.now
                )
            async with self._store.reading() as connection:
                if past := await finished.find(connection, deal.id):
                    ended = f"{past.outcome} on {past.closed_at:%d %b %Y}"
                    return refuse_deal(
                        f"Deal {deal.id} has lived already ({ended}): open a new one with another id.", request.now
                    )
                bundle = await bundles.hash_of(connection, name)
            playbook = await self._checked(bundle)
        except (BadDeal, BadPlaybook, UnknownPlaybook) as error:
            return refuse_deal(str(error), request.now)
        opened = e.DealOpened(at=request.now, deal=deal, playbook=playbook.playbook, bundle=bundle)
        return decide(request.state, playbook, request.inbox, request.now, opened=opened)

    async def _after_the_end(self, request: contract.DecideRequest) -> Decision:
        """Decide on what has come for a deal whose life is over, from its story in the journal."""
        deal = await rebuilt_deals.rebuild(self._store, request.deal_id)
        if deal is None:
            return refuse_deal(f"Deal {request.deal_id} has no finished story to go on from.", request.now)
        fresh = [place for place, item in enumerate(request.inbox) if deal.is_new(item, request.now)]
        playbook = await self._pinned(deal.state.bundle or "")
        inbox = [request.inbox[place] for place in fresh]
        decision = decide_after_the_end(deal.state, playbook, inbox, request.now)
        took = None if decision.took is None else fresh[decision.took - 1] + 1
        return decision.model_copy(update={"restored": deal.restored, "took": took})

    async def _pinned(self, bundle: str) -> Playbook:
        """The playbook that a running deal follows, whatever a later release would say against it."""
        if bundle not in self._playbooks:
            self._playbooks[bundle] = load_pinned(await bundles.load(self._store, bundle))
        return self._playbooks[bundle]

    async def _checked(self, bundle: str) -> Playbook:
        """A playbook that a deal is about to follow."""
        if bundle not in self._checked_bundles:
            self._playbooks[bundle] = load_bundle(await bundles.load(self._store, bundle))
            self._checked_bundles.add(bundle)
        return self._playbooks[bundle]

    async def _offers(
        self, inbox: Iterable[Received], plan: e.AdoptionPlanned | None
    ) -> dict[str, tuple[str, Playbook]]:
        """What the deal is asked to adopt, or will from its next stage on, by what it was asked for."""
        wanted: list[tuple[str, str | None]] = [(plan.bundle, plan.bundle)] if plan is not None else []
        wanted += [named for received in inbox if received.name == AdoptPlaybook.name and (named := _wanted(received))]
        offers = {}
        for asked_for, hash_ in wanted:
            try:
                bundle = hash_ or await bundles.resolve(self._store, asked_for)
                offers[asked_for] = (bundle, await self._checked(bundle))
            except StoreAway:
                raise
            except (StoreError, BadPlaybook):
                continue
        return offers


def _wanted(received: Received) -> tuple[str, str | None] | None:
    """What a command asks for: a playbook's name, or a bundle's hash, which is then told twice."""
    try:
        payload = json.loads(received.payload)
        name, bundle = payload.get("playbook"), payload.get("bundle")
    except (ValueError, AttributeError):
        return None
    if isinstance(bundle, str):
        return bundle, bundle
    return (name, None) if isinstance(name, str) else None
