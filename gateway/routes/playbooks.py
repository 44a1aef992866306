"""``/v1/playbooks``: which playbooks are published, and what one of them says."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, Field

from gateway.declared_words import playbook_of
from gateway.dependencies import OneLine, TheStore
from gateway.identities.authentication import require
from gateway.problems import ApiError, problems
from store import bundles
from store.api_keys import Scope
from store.bundles import Published
from store.errors import UnknownPlaybook

router = APIRouter(
    prefix="/v1/playbooks", tags=["Playbooks"], redirect_slashes=False, dependencies=[require(Scope.READ)]
)
PLAYBOOK_FILE = "playbook.yaml"
LARGEST_TEXT = 256 * 1024
"""Characters of a playbook's text that an answer has; a longer one is left out."""


class PublishedPlaybook(BaseModel):
    """A playbook that new deals may follow."""

    name: str = Field(description="By which a deal is opened with it.", examples=["b2b-saas"])
    bundle: str = Field(
        description="The hash of its content, as deals name what they follow.", examples=["3f2a90b1c4de"]
    )
    published_at: AwareDatetime = Field(
        description="When this content was published.", examples=["2026-11-24T09:30:00Z"]
    )


class PlaybookList(BaseModel):
    """The published playbooks, by name."""

    playbooks: list[PublishedPlaybook] = Field(description="Each as new deals follow it; running deals keep theirs.")


class PlaybookContent(PublishedPlaybook):
    """What a playbook says."""

    summary: str | None = Field(description="What it is for.", examples=["From first research to renewal"])
    stages: list[str] = Field(description="Its stages, in order.", examples=[["research", "outreach"]])
    roles: list[str] = Field(description="Who takes part.", examples=[["sdr", "account_executive"]])
    sources: list[str] | None = Field(
        description="Where its deals may come from; null for anywhere.", examples=[["inbound"]]
    )
    approvals: list[str] = Field(description="What may have to be approved.", examples=[["discount"]])
    templates: list[str] = Field(description="The messages that it sends.", examples=[["demo-reminder"]])
    text: str | None = Field(
        description="`playbook.yaml` as published; null if it is long.", examples=["playbook: b2b-saas"]
    )


@router.get("", summary="List playbooks", responses=problems(401, 403, 422, 429, 503))
async def list_playbooks(store: TheStore) -> PlaybookList:
    """Which playbooks new deals may follow."""
    return PlaybookList(playbooks=[_listed(one) for one in await bundles.published(store)])


@router.get("/{name}", summary="Read a playbook", responses=problems(401, 403, 404, 422, 429, 503))
async def read_playbook(
    name: Annotated[str, Path(description="The playbook's name.", max_length=200, examples=["b2b-saas"]), OneLine],
    store: TheStore,
) -> PlaybookContent:
    """What a playbook says, as new deals follow it."""
    found = next((one for one in await bundles.published(store) if one.name == name), None)
    if found is None:
        raise ApiError(404, "no-such-playbook", "No such playbook", str(UnknownPlaybook(name)))
    files, playbook = await bundles.load(store, found.hash), await playbook_of(store, found.hash)
    text = files.get(PLAYBOOK_FILE, "")
    return PlaybookContent(
        **_listed(found).model_dump(),
        summary=playbook.summary if playbook else None,
        stages=[stage.name for stage in playbook.stages] if playbook else [],
        roles=sorted(playbook.roles) if playbook else [],
        sources=sorted(playbook.sources) if playbook and playbook.sources else None,
        approvals=[rule.name for rule in playbook.approvals] if playbook else [],
        templates=sorted(path.rpartition("/")[2].removesuffix(".md") for path in files if path.endswith(".md")),
        text=text if len(text) <= LARGEST_TEXT else None,
    )


def _listed(one: Published) -> PublishedPlaybook:
    return PublishedPlaybook(name=one.name, bundle=one.hash, published_at=one.published_at)
