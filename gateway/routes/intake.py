"""``/v1/intake`` and ``/v1/links``: events of other tools, and which deal their objects belong to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, JsonValue

from gateway.dependencies import OneLine, TheStore
from gateway.identities.authentication import require
from gateway.problems import problems
from store import intake
from store.api_keys import Scope
from store.database import canonical_json
from store.intake import IntakeRow, IntakeState

router = APIRouter(prefix="/v1", tags=["Intake"], redirect_slashes=False)

MAX_PAYLOAD_BYTES, MAX_BYTES_OF_ONE = 256 * 1024, 16 * 1024
"""Bytes of all payloads in an answer, and of one, that are shown whole."""
EXCERPT = 200
"""Characters that are shown of others."""
Source = Annotated[str, Field(max_length=40), OneLine]
ObjectId = Annotated[str, Field(max_length=200), OneLine]


class IntakeList(BaseModel):
    """Events, the newest first."""

    events: list[IntakeRow] = Field(
        description="Of a large payload, or where many make a large answer, `excerpt` has how it begins."
    )
    counts: dict[IntakeState, int] = Field(description="Events in each state; of one source, if one is asked for.")


@router.get(
    "/intake",
    summary="Look at the intake",
    responses=problems(401, 403, 422, 429, 503),
    dependencies=[require(Scope.READ)],
)
async def look_at_intake(
    store: TheStore,
    state: Annotated[IntakeState | None, Query(description="Only events in this state.")] = None,
    source: Annotated[Source | None, Query(description="Only events of this source.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at the most.")] = 100,
) -> IntakeList:
    """What webhooks brought, also what was refused, and why."""
    events = await intake.recent(store, state=state, source=source, limit=limit)
    return IntakeList(events=_bounded(events), counts=await intake.counts(store, source=source))


def _bounded(events: list[IntakeRow]) -> list[IntakeRow]:
    """The events, with payloads for as long as the answer stays small; of the others, how they begin."""
    left, shown = MAX_PAYLOAD_BYTES, []
    for event in events:
        text = canonical_json(event.payload)
        size = len(text.encode("utf-8", "replace"))
        if size > min(left, MAX_BYTES_OF_ONE):
            excerpt: dict[str, JsonValue] = {"excerpt": text[:EXCERPT], "bytes": size}
            shown.append(event.model_copy(update={"payload": excerpt}))
        else:
            left -= size
            shown.append(event)
    return shown
