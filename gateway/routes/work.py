"""``GET /v1/work``: what people are asked and have not answered, over all deals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dealwright.values.recorded import Given
from gateway.dependencies import OneLine, TheCaller, TheStore
from gateway.identities.authentication import require
from gateway.problems import problems
from store import open_work
from store.api_keys import Scope
from store.open_work import OpenWork

router = APIRouter(prefix="/v1", tags=["Work"], redirect_slashes=False)
Shown = Annotated[str, Field(min_length=1, max_length=254), OneLine]


class WantedWork(Given):
    """Whose work to list."""

    person: Shown | None = Field(
        default=None,
        description="Only what this person is asked, by e-mail address (or by name, where deals know no address). "
        "Left out: the person whose key it is; with a service's key, everybody.",
    )
    role: Shown | None = Field(default=None, description="Only what this role is asked.")
    deal_id: Shown | None = Field(default=None, description="Only what is about this deal.")
    limit: int = Field(default=100, ge=1, le=200, description="At most so much.")
    offset: int = Field(default=0, ge=0, le=100_000, description="Leave out so much: `next_offset` of the page before.")


class WorkItem(OpenWork):
    """One thing that somebody is asked, and where its deal is to be read."""

    link: str = Field(description="The deal's path in this API.", examples=["/v1/deals/acme-2026"])


class WorkList(BaseModel):
    """What is open, by when it is due."""

    person: str | None = Field(description="Whose it is; null for everybody's.", examples=["max@us.example"])
    work: list[WorkItem] = Field(description="Tasks, approvals and handoffs, in one list.")
    next_offset: int | None = Field(
        default=None, description="Ask for the next page with this; null at the end.", examples=[100]
    )


@router.get(
    "/work", summary="List open work", responses=problems(401, 403, 422, 429, 503), dependencies=[require(Scope.READ)]
)
async def list_work(store: TheStore, caller: TheCaller, wanted: Annotated[WantedWork, Query()]) -> WorkList:
    """Tasks, approvals and handoffs that wait for somebody, and how to answer each. May lag by some seconds."""
    person = wanted.person or caller.acts_for
    which = open_work.WhichWork(person, wanted.role, wanted.deal_id)
    found = await open_work.list_work(store, datetime.now(UTC), which, limit=wanted.limit + 1, offset=wanted.offset)
    page = found[: wanted.limit]
    items = [
        WorkItem(**one.model_dump(exclude={"answer"}), answer=one.answer, link=f"/v1/deals/{one.deal_id}")
        for one in page
    ]
    more = wanted.offset + wanted.limit if len(found) > wanted.limit else None
    return WorkList(person=person, work=items, next_offset=more)
