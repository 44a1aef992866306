"""What the routes share: the parts of the app, and the deal's id in a path."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from deals.identity import DEAL_ID
from starter.client import DealClient
from store.database import Store

DealId = Annotated[
    str,
    Path(description="The deal's id.", pattern=f"^{DEAL_ID.pattern}$", examples=["acme-2026"]),
]


def _deals(request: Request) -> DealClient:
    deals: DealClient = request.app.state.deals
    return deals


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


Deals = Annotated[DealClient, Depends(_deals)]
TheStore = Annotated[Store, Depends(_store)]
