"""``GET /v1/audit``: who changed what through this API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dealwright.values.recorded import Given
from gateway.dependencies import OneLine, TheStore
from gateway.identities.authentication import require
from gateway.problems import problems
from store import audit
from store.api_keys import Scope
from store.audit import AuditRow

router = APIRouter(prefix="/v1", tags=["Audit"], redirect_slashes=False)
Shown = Annotated[str, Field(max_length=254), OneLine]


class WhichEntries(Given):
    """Which entries to list."""

    deal_id: Shown | None = Field(default=None, description="Only those about this deal.")
    caller: Shown | None = Field(default=None, description="Only those of the key with this name.")
    by: Shown | None = Field(default=None, description="Only those in this name.")
    before: int | None = Field(default=None, ge=1, lt=2**63, description="Only those with a smaller id: the next page.")
    limit: int = Field(default=100, ge=1, le=500, description="Entries on a page.")


class AuditTrail(BaseModel):
    """Entries, the newest first."""

    entries: list[AuditRow] = Field(description="Each a change that was asked for, and what became of it.")


@router.get(
    "/audit",
    summary="Read the audit trail",
    responses=problems(401, 403, 422, 429, 503),
    dependencies=[require(Scope.ADMIN)],
)
async def read_audit(store: TheStore, wanted: Annotated[WhichEntries, Query()]) -> AuditTrail:
    """Who asked for which change, when, and what became of it. An entry is there a moment after its answer."""
    return AuditTrail(entries=await audit.recent(store, **wanted.model_dump()))
