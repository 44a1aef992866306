"""``/v1/keys``: make, list, replace and revoke the keys of this API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from dealwright.values.recorded import Bounded
from gateway.audit_trail.change import change_of
from gateway.dependencies import TheCaller, TheStore
from gateway.identities.authentication import require
from gateway.identities.key_ring import KeyRing
from gateway.json_body import ReadsJson
from gateway.problems import problems
from store import api_keys
from store.api_keys import ApiKey, MadeKey, NewKey, Scope
from store.key_text import PATTERN

router = APIRouter(
    prefix="/v1/keys", tags=["Keys"], redirect_slashes=False, route_class=ReadsJson, dependencies=[require(Scope.ADMIN)]
)
_PROBLEMS = problems(400, 401, 403, 404, 409, 413, 422, 429, 503)

KeyId = Annotated[
    str, Path(description="The key's id, as the list has it.", pattern="^[0-9A-Za-z]{8}$", examples=["a1B2c3D4"])
]


class KeyList(BaseModel):
    """Keys, the newest first."""

    keys: list[ApiKey] = Field(description="Without what opens anything: that was told once, when each was made.")


class Told(BaseModel):
    """A key that was made just now."""

    key: str = Field(
        pattern=f"^{PATTERN.pattern}$", examples=["dwk_" + "x" * 49],
        description="The key itself. It is told this once, and kept nowhere.",
    )  # fmt: skip
    about: ApiKey = Field(description="What it may do, and until when.")


class Rotation(Bounded):
    """How a key is replaced."""

    overlap_hours: int = Field(
        default=24, ge=0, le=720, examples=[24], description="Hours for which the old key is good besides the new one."
    )


@router.get("", summary="List the keys", responses=problems(401, 403, 422, 429, 503))
async def list_keys(
    store: TheStore,
    all_: Annotated[bool, Query(alias="all", description="Also those that were revoked, or have expired.")] = False,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at the most.")] = 200,
) -> KeyList:
    """Which keys there are, what each may do, for whom, and until when. Not those of the environment."""
    return KeyList(keys=await api_keys.list_keys(store, good_at=None if all_ else datetime.now(UTC), limit=limit))


@router.post("", status_code=201, summary="Make a key", responses=_PROBLEMS)
async def create_key(wanted: NewKey, store: TheStore, caller: TheCaller, request: Request) -> Told:
    """Make a key for a service, or for a person whom it acts for. It opens the API at once."""
    return _told(request, await api_keys.create(store, wanted, by=caller.speaks_as, now=datetime.now(UTC)))


@router.post("/{key_id}/rotate", status_code=201, summary="Replace a key", responses=_PROBLEMS)
async def rotate_key(key_id: KeyId, wanted: Rotation, store: TheStore, caller: TheCaller, request: Request) -> Told:
    """Make a key that may do the same, for as long. The old one is good for some hours more."""
    overlap, now = timedelta(hours=wanted.overlap_hours), datetime.now(UTC)
    return _told(request, await api_keys.rotate(store, key_id, overlap=overlap, by=caller.speaks_as, now=now))


@router.delete("/{key_id}", summary="Revoke a key", responses=_PROBLEMS)
async def revoke_key(key_id: KeyId, store: TheStore, caller: TheCaller, request: Request) -> ApiKey:
    """Take a key back, for good. Other gateways hear of it within seconds."""
    revoked = await api_keys.revoke(store, key_id, by=caller.speaks_as, now=datetime.now(UTC))
    _have_changed(request)
    return revoked


def _told(request: Request, made: MadeKey) -> Told:
    change_of(request).target = made.about.id
    _have_changed(request)
    return Told(key=made.key, about=made.about)


def _have_changed(request: Request) -> None:
    keys: KeyRing = request.app.state.keys
    keys.forget()
