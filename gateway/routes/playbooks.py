"""``/v1/playbooks``: which playbooks are published, what one of them says, and how its versions differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from dealwright.playbook.differences.compare import Bundle, compare
from dealwright.playbook.differences.difference import Difference
from gateway.declared_words import playbook_of
from gateway.dependencies import OneLine, TheStore
from gateway.identities.authentication import require
from gateway.problems import ApiError, problems
from store import bundles
from store.api_keys import Scope
from store.bundles import Published
from store.database import Store
from store.errors import AmbiguousBundle, UnknownBundle, UnknownPlaybook
from store.followers import followers

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
    published_by: str | None = Field(
        description="Who published it, as far as the machine knew them.", examples=["command-line:ana"]
    )
    open_deals: int = Field(description="How many open deals follow this content.", examples=[120])


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


class PlaybookVersion(PublishedPlaybook):
    """A content that the playbook's name stood for."""

    version: int = Field(description="Its number, from 1 for the oldest.", examples=[3])


class PlaybookVersions(BaseModel):
    """The versions of a playbook."""

    versions: list[PlaybookVersion] = Field(description="The oldest first; new deals follow the last one.")


class PlaybookDifferences(BaseModel):
    """In what one playbook differs from another one."""

    before: str = Field(description="The hash of the one.", examples=["3f2a90b1c4de"])
    after: str = Field(description="The hash of the other one.", examples=["c8c6eb309f39"])
    differences: list[Difference] = Field(description="Each of them; none when both say the same.")


_Name = Annotated[str, Path(description="The playbook's name.", max_length=200, examples=["b2b-saas"]), OneLine]
_HASH = "or the beginning of it, six characters or more"
_Before = Annotated[
    str | None,
    Query(alias="from", description=f"The hash of a bundle, {_HASH}; by default the version before the last.",
          max_length=64, examples=["3f2a90b1c4de"]),
    OneLine,
]  # fmt: skip
_After = Annotated[
    str | None,
    Query(alias="to", description=f"The hash of a bundle, {_HASH}; by default the last version.", max_length=64,
          examples=["c8c6eb309f39"]),
    OneLine,
]  # fmt: skip


@router.get("", summary="List playbooks", responses=problems(401, 403, 422, 429, 503))
async def list_playbooks(store: TheStore) -> PlaybookList:
    """Which playbooks new deals may follow, and how many open deals do."""
    deals = await followers(store)
    return PlaybookList(playbooks=[_listed(one, deals) for one in await bundles.published(store)])


@router.get("/{name}/versions", summary="List a playbook's versions", responses=problems(401, 403, 404, 422, 429, 503))
async def list_versions(name: _Name, store: TheStore) -> PlaybookVersions:
    """What was published under the playbook's name, when, by whom, and how many open deals follow each version."""
    known, deals = await _versions(store, name), await followers(store)
    listed = [_listed(one, deals).model_dump() for one in known]
    return PlaybookVersions(versions=[PlaybookVersion(**one, version=at) for at, one in enumerate(listed, 1)])


@router.get("/{name}/differences", summary="Compare playbooks", responses=problems(401, 403, 404, 422, 429, 503))
async def read_differences(
    name: _Name, store: TheStore, before: _Before = None, after: _After = None
) -> PlaybookDifferences:
    """In what two versions of a playbook differ, in words and as data; any two published bundles can be named."""
    known = await _versions(store, name)
    first = await _hash(store, before) if before else known[max(len(known) - 2, 0)].hash
    second = await _hash(store, after) if after else known[-1].hash
    found = compare(await _bundle(store, first), await _bundle(store, second))
    return PlaybookDifferences(before=first, after=second, differences=list(found))


async def _versions(store: Store, name: str) -> list[Published]:
    try:
        return await bundles.versions(store, name)
    except UnknownPlaybook as error:
        raise ApiError(404, "no-such-playbook", "No such playbook", str(error)) from error


async def _hash(store: Store, beginning: str) -> str:
    try:
        return await bundles.named(store, beginning)
    except (UnknownBundle, AmbiguousBundle) as error:
        raise ApiError(404, "no-such-playbook", "No such playbook", str(error)) from error


async def _bundle(store: Store, bundle: str) -> Bundle:
    playbook = await playbook_of(store, bundle)
    if playbook is None:
        detail = f"This release cannot read the bundle {bundle[:12]}"
        raise ApiError(404, "no-such-playbook", "No such playbook", detail)
    return Bundle(playbook, await bundles.load(store, bundle))


@router.get("/{name}", summary="Read a playbook", responses=problems(401, 403, 404, 422, 429, 503))
async def read_playbook(name: _Name, store: TheStore) -> PlaybookContent:
    """What a playbook says, as new deals follow it."""
    found = next((one for one in await bundles.published(store) if one.name == name), None)
    if found is None:
        raise ApiError(404, "no-such-playbook", "No such playbook", str(UnknownPlaybook(name)))
    files, playbook = await bundles.load(store, found.hash), await playbook_of(store, found.hash)
    text = files.get(PLAYBOOK_FILE, "")
    return PlaybookContent(
        **_listed(found, await followers(store)).model_dump(),
        summary=playbook.summary if playbook else None,
        stages=[stage.name for stage in playbook.stages] if playbook else [],
        roles=sorted(playbook.roles) if playbook else [],
        sources=sorted(playbook.sources) if playbook and playbook.sources else None,
        approvals=[rule.name for rule in playbook.approvals] if playbook else [],
        templates=sorted(path.rpartition("/")[2].removesuffix(".md") for path in files if path.endswith(".md")),
        text=text if len(text) <= LARGEST_TEXT else None,
    )


def _listed(one: Published, deals: Mapping[str, int]) -> PublishedPlaybook:
    return PublishedPlaybook(
        name=one.name, bundle=one.hash, published_at=one.published_at, published_by=one.published_by,
        open_deals=deals.get(one.hash, 0),
    )  # fmt: skip
