"""``/v1/suppression``: the addresses that get no mail, and taking one off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dealwright.values.addresses import normal
from dealwright.values.recorded import Bounded, Text
from gateway.audit_trail.change import TheChange
from gateway.dependencies import OneLine, TheCaller, TheStore
from gateway.identities.authentication import require
from gateway.json_body import ReadsJson
from gateway.problems import ApiError, problems
from store import absences, suppression
from store.absences import Absence
from store.api_keys import Scope
from store.suppression import ListedAddress, Removal

router = APIRouter(prefix="/v1/suppression", tags=["Suppression"], redirect_slashes=False, route_class=ReadsJson)
_MOST_REMOVALS = 50
"""Of one address: the newest."""
Address = Annotated[str, Field(min_length=1, max_length=320), OneLine]


class SuppressionList(BaseModel):
    """Addresses that get no marketing, or no mail at all."""

    listed: list[ListedAddress] = Field(description="The newest first.")
    away: Absence | None = Field(default=None, description="Of one address: until when its owner is away.")
    removals: list[Removal] | None = Field(
        default=None, description="Of one address: who took it off the lists before, and why."
    )


class TakeOff(Bounded):
    """An address to be taken off the lists."""

    address: Address = Field(description="However it is written.", examples=["ana@acme.example"])
    why: Annotated[Text, Field(min_length=1)] = Field(
        description="Why; it is kept.", examples=["Ana asked for the newsletter again"]
    )
    only_bounce: bool = Field(default=False, description="Take only a bounce back: an opt-out stays.", examples=[False])


class TakenOff(BaseModel):
    """An address that is on the lists no more."""

    address: str = Field(description="In its normal form.", examples=["ana@acme.example"])
    by: str = Field(description="Who took it off.", examples=["max@us.example"])
    at: datetime = Field(description="When.", examples=["2026-11-24T09:30:00Z"])


@router.get(
    "",
    summary="List addresses that get no mail",
    responses=problems(401, 403, 422, 429, 503),
    dependencies=[require(Scope.READ)],
)
async def list_addresses(
    store: TheStore,
    address: Annotated[Address | None, Query(description="Only this one, with what else is known of it.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at the most.")] = 100,
) -> SuppressionList:
    """Which addresses get no marketing from any deal, or no mail at all, and why."""
    found = await suppression.list_addresses(store, address=address, limit=limit)
    if address is None:
        return SuppressionList(listed=found)
    away, before = await absences.find(store, address), await suppression.removals(store, address)
    return SuppressionList(listed=found, away=away, removals=before[:_MOST_REMOVALS])


@router.post(
    "/removals",
    status_code=201,
    summary="Take an address off the lists",
    responses=problems(400, 401, 403, 404, 413, 422, 429, 503),
    dependencies=[require(Scope.ADMIN)],
)
async def remove_suppression(wanted: TakeOff, store: TheStore, caller: TheCaller, change: TheChange) -> TakenOff:
    """Let all deals write to an address again; a deal that was told of the opt-out or bounce itself keeps it.

    Whoever opted out gets marketing again only if they asked for that themselves.
    """
    form = change.target = normal(wanted.address)
    by = caller.speaks_as
    if not await suppression.remove(store, wanted.address, by=by, why=wanted.why, only_bounce=wanted.only_bounce):
        raise ApiError(404, "not-listed", "The address is on no list", f"{form} is on no list: nothing was changed.")
    return TakenOff(address=form, by=by, at=datetime.now(UTC))
