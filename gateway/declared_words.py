"""Checks sources, fields and reasons against what the playbook declares, before a deal is opened or told of them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import timedelta

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import DealError
from dealwright.deal import Deal, Known
from dealwright.facts import Fact
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import BadPlaybook, load_pinned
from dealwright.rules.declared_words import undeclared_source
from dealwright.rules.own_fields import refused_fields
from dealwright.rules.reasons import reason_in, wrong_code
from dealwright.validation.errors import BadDeal
from store import bundles
from store.database import Store

_CACHE_SIZE = 16
_PATIENCE = timedelta(seconds=2)
"""How long it is waited for what a deal follows (wall clock)."""
_cache: OrderedDict[str, Playbook | None] = OrderedDict()
"""Playbooks by the hash of their bundle, which never changes; None for one that this release cannot read."""


async def check_opening(store: Store, bundle: str, deal: Deal) -> None:
    """Make sure that the playbook knows where the deal comes from, and the fields that it has.

    Raises:
        BadDeal: which words and fields there are, and what may stand in them.
        StoreAway: the database does not answer.
    """
    playbook = await playbook_of(store, bundle)
    if playbook is None:
        return
    undeclared = undeclared_source(playbook, deal)
    wrong = (*((undeclared,) if undeclared else ()), *refused_fields(playbook, deal))
    if wrong:
        raise BadDeal(one.under("deal") for one in wrong)


async def check_fact(deals: DealClient, store: Store, deal_id: str, fact: Fact) -> None:
    """Make sure that the deal's playbook has the fields and the reason that a fact tells of, with such values.

    Where nobody can say now, the fact is let through: the deal checks it again.

    Raises:
        BadDeal: which fields and reasons there are, and what may stand in the fields.
        StoreAway: the database does not answer.
    """
    fields = getattr(fact, "fields", None)
    if not fields and reason_in(fact) is None:
        return
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            bundle = (await deals.snapshot(deal_id)).bundle
    except (DealError, TimeoutError):
        return
    playbook = await playbook_of(store, bundle) if bundle else None
    if playbook is None:
        return
    wrong_reason = wrong_code(playbook, fact)
    if wrong := (*refused_fields(playbook, Known(fields=fields)), *((wrong_reason,) if wrong_reason else ())):
        raise BadDeal(wrong)


async def playbook_of(store: Store, bundle: str) -> Playbook | None:
    """The playbook of a bundle; None for one that this release cannot read.

    Raises:
        StoreAway: the database does not answer.
    """
    if bundle in _cache:
        return _cache[bundle]
    files = await bundles.load(store, bundle)
    try:
        playbook = await asyncio.to_thread(load_pinned, files)
    except BadPlaybook:  # the worker says what is wrong with it
        playbook = None
    _cache[bundle] = playbook
    if len(_cache) > _CACHE_SIZE:
        _cache.popitem(last=False)
    return playbook
