"""What route functions ask FastAPI for: the deal client, the store, the caller, a deal id in a path."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import AfterValidator

from dealwright.client.deal_client import DealClient
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.identity import DEAL_ID
from gateway.identities.callers import Caller
from store.database import Store

DealId = Annotated[
    str,
    Path(description="The deal's id.", pattern=f"^{DEAL_ID.pattern}$", examples=["acme-2026"]),
]


def _on_one_line(text: str) -> str:
    if not text.isprintable():
        raise BadValue("this has a line break or an invisible character", "leave it out")
    return text


OneLine = AfterValidator(_on_one_line)
"""Of a value in a path or query: nothing that a database or a search could take for something else."""


def caller_of(request: Request) -> Caller:
    """Whoever's key came with a request to a route that asks for one."""
    caller: Caller = request.state.caller
    return caller


def deals_of(request: Request) -> DealClient:
    """The deals that the gateway reaches."""
    deals: DealClient = request.app.state.deals
    return deals


def store_of(request: Request) -> Store:
    """The gateway's store."""
    store: Store = request.app.state.store
    return store


Deals = Annotated[DealClient, Depends(deals_of)]
TheStore = Annotated[Store, Depends(store_of)]
TheCaller = Annotated[Caller, Depends(caller_of)]
