"""``GET /v1/deals/{id}/story``: a deal's whole story, from the journal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from dealwright.diagnostics.text import short
from gateway import deal_service
from gateway.dependencies import DealId, Deals, TheStore
from gateway.identities.authentication import require
from gateway.problems import problems
from store import journal
from store.api_keys import Scope

router = APIRouter(prefix="/v1/deals", tags=["Deals"], redirect_slashes=False)
_LONGEST = 1000
"""Characters of a sentence: some repeat what somebody wrote."""


class Line(BaseModel):
    """One line of a deal's story."""

    number: int = Field(description="Counted from 1 in each deal.", examples=[12])
    at: AwareDatetime = Field(description="When, in the deal's time.", examples=["2026-11-24T09:30:00Z"])
    kind: str = Field(description="The kind of entry, for programs.", examples=["approval_answered"])
    sentence: str = Field(
        description="What happened, for people.", examples=["Approval discount: approve by max@us.example, granted"]
    )


class Story(BaseModel):
    """A page of a deal's story, the oldest line first."""

    lines: list[Line] = Field(description="The lines after the one that was asked for.")
    next_after: int | None = Field(
        default=None, description="Ask for the next page with `after` set to this; null at the end.", examples=[100]
    )


@router.get(
    "/{deal_id}/story",
    summary="Read a deal's story",
    responses=problems(401, 403, 404, 422, 429, 503),
    dependencies=[require(Scope.READ)],
)
async def read_story(
    deal_id: DealId,
    deals: Deals,
    store: TheStore,
    after: Annotated[int, Query(ge=0, lt=2**31, description="Only lines after this number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="Lines on a page.")] = 100,
) -> Story:
    """What happened in the deal, line by line, also once it is finished. The last lines may lag by some seconds."""
    found = await journal.story(store, deal_id, after=after, limit=limit + 1)
    if not found and not after:
        await deal_service.check_known(deals, store, deal_id)
    lines = [
        Line(number=row.number, at=row.at, kind=row.kind, sentence=short(row.sentence, _LONGEST))
        for row in found[:limit]
    ]
    return Story(lines=lines, next_after=lines[-1].number if len(found) > limit else None)
