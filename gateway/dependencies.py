"""What route functions ask FastAPI for: the deal client, the store, a deal id in a path."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import AfterValidator

from dealwright.client.deal_client import DealClient
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.identity import DEAL_ID
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


def _deals(request: Request) -> DealClient:
    deals: DealClient = request.app.state.deals
    return deals


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


Deals = Annotated[DealClient, Depends(_deals)]
TheStore = Annotated[Store, Depends(_store)]
