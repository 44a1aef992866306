"""Checks a deal's source against the words that its playbook declares, before the deal is opened."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from dealwright.deal import Deal
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import BadPlaybook, load_pinned
from dealwright.rules.declared_words import undeclared_source
from dealwright.validation.errors import BadDeal
from store import bundles
from store.database import Store

_CACHE_SIZE = 16
_cache: OrderedDict[str, Playbook | None] = OrderedDict()
"""Playbooks by the hash of their bundle, which never changes; None for one that this release cannot read."""


async def check_source(store: Store, bundle: str, deal: Deal) -> None:
    """Make sure that the playbook knows where the deal comes from.

    Raises:
        BadDeal: which words there are.
        StoreAway: the database does not answer.
    """
    playbook = await playbook_of(store, bundle)
    if playbook is not None and (undeclared := undeclared_source(playbook, deal)):
        raise BadDeal([undeclared.under("deal")])


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
