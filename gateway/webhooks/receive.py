"""``POST /webhooks/{source}``: verify the signature, write the events to the intake, answer 202.

The dispatcher sends them to their deals afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, JsonValue

from dealwright.diagnostics.diagnostic import BadValue, Diagnostic
from dealwright.diagnostics.suggestions import did_you_mean
from gateway.problems import ApiError, problems
from gateway.webhooks.rejections import RejectionLog
from integrations.kit.event_mapping import Unreadable, events_in
from integrations.kit.mapping import BadMapping, Hmac, SourceMapping
from integrations.kit.signatures import (
    InvalidSignature,
    SignatureVerifier,
    WebhookRequest,
    check_strength,
    verifier_for,
)
from store import intake
from store.database import Store
from store.intake import IntakeState

router = APIRouter(tags=["Webhooks"], redirect_slashes=False)


_IDS_SHOWN = 5
log = logging.getLogger(__name__)


class NoPublicUrl(BadValue):
    """A source signs the URL that it calls, and the gateway's public URL is not configured."""


class WebhookReceipt(BaseModel):
    """What became of a webhook's events."""

    events: int = Field(examples=[3])
    new: int = Field(examples=[2], description="The others had come before.")


@dataclass(frozen=True)
class WebhookSource:
    """A source with its settings and the check of its signatures."""

    mapping: SourceMapping
    settings: Mapping[str, JsonValue]
    verifier: SignatureVerifier


class WebhookSources:
    """The webhook sources that this gateway accepts."""

    def __init__(
        self,
        store: Store,
        sources: Mapping[str, WebhookSource],
        public_url: str | None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._sources, self._clock = store, sources, clock
        self._public_url = (public_url or "").rstrip("/")
        self._rejections = RejectionLog(store)

    @property
    def named_by_id(self) -> frozenset[str]:
        """Sources whose events name the deal by its id."""
        return frozenset(name for name, source in self._sources.items() if source.mapping.deal.id)

    async def accept(self, name: str, request: Request) -> WebhookReceipt:
        """Verify a request and write its events to the intake.

        Raises:
            ApiError: the source is unknown, is not signed correctly, sent what cannot be read, or something else under
                the id of an earlier event. What was new besides is kept.
            StoreAway: nothing was kept; the source tries again.
        """
        source = self._source(name)
        now, incoming = self._clock(), await self._incoming(request)
        try:
            source.verifier.check(incoming, now)
            events = events_in(source.mapping, source.settings, incoming, now)
        except InvalidSignature as error:
            await self._rejections.add(name, incoming, str(error), now)
            raise ApiError(401, "not-proven", "The request does not prove where it comes from", str(error)) from error
        except Unreadable as error:
            await self._rejections.add(name, incoming, str(error), now)
            raise ApiError(422, "unreadable", "The request is not what its source sends", str(error)) from error
        new = await intake.add(self._store, events)
        for event in new:
            if event.state is IntakeState.REFUSED:
                log.warning("row %d of the intake, of %s: refused, as it says", event.id, event.source)
        if len(new) < len(events) and (changed := await intake.conflicting(self._store, events)):
            raise ApiError(409, "event-differs", "The event came before with other content", _conflict_text(changed))
        return WebhookReceipt(events=len(events), new=len(new))

    def check_linkable(self, name: str) -> None:
        """Check that a source names its deals by objects of its own, which are to be linked.

        Raises:
            ApiError: the source is unknown, or names deals by their ids.
        """
        if self._source(name).mapping.deal.id:
            text = f"Events of {name} name the deal by its id: they need no link."
            raise ApiError(422, "nothing-to-link", "This source has nothing to link", text)

    def _source(self, name: str) -> WebhookSource:
        if name not in self._sources:
            known = ", ".join(sorted(self._sources)) or "none"
            raise ApiError(404, "no-such-source", "No such source", f"There is no source {name!r}; known are {known}.")
        return self._sources[name]

    async def _incoming(self, request: Request) -> WebhookRequest:
        path: bytes = request.scope.get("raw_path") or request.url.path.encode()
        query: bytes = request.scope["query_string"]
        base = self._public_url or f"{request.url.scheme}://{request.url.netloc}"
        return WebhookRequest(
            method=request.method,
            url=base + path.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else ""),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
        )


def _conflict_text(ids: Sequence[str]) -> str:
    named = ", ".join(map(repr, ids[:_IDS_SHOWN])) + (f" and {len(ids) - _IDS_SHOWN} more" * (len(ids) > _IDS_SHOWN))
    return (
        f"What came first under {named} counts, and nothing was changed: give another event an id of its own. "
        "What was new in this request is kept."
    )


def configured_sources(
    mappings: Mapping[str, SourceMapping],
    secrets: Mapping[str, Sequence[str]],
    settings: Mapping[str, Mapping[str, str]],
    public_url: str | None,
) -> dict[str, WebhookSource]:
    """The sources by name. One without a secret is there as well: its requests are refused, and leave a trace.

    Raises:
        BadMapping: secrets or settings are given for what no mapping file names.
        BadSecret: a secret cannot be used.
        NoPublicUrl: a source signs the URL, and the public one is not configured.
    """
    for name in (*secrets, *settings):
        if name not in mappings:
            variable = "DEALWRIGHT_WEBHOOK_SECRETS" if name in secrets else "DEALWRIGHT_WEBHOOK_SETTINGS"
            remedy = did_you_mean(name, sorted(mappings))
            raise BadMapping([Diagnostic((variable, name), f"there is no source {name!r}", remedy)])
    sources: dict[str, WebhookSource] = {}
    for name, mapping in mappings.items():
        values = mapping.settings_with(settings.get(name, {}))
        given = secrets.get(name, ())
        if given and isinstance(mapping.auth, Hmac) and "{url}" in mapping.auth.signs and not public_url:
            remedy = f"set the gateway's public URL as {mapping.title} has it, since a proxy changes what arrives here"
            raise NoPublicUrl(f"{mapping.title} signs the URL that it calls", remedy, ("DEALWRIGHT_PUBLIC_URL",))
        check_strength(mapping, given)
        sources[name] = WebhookSource(mapping, values, verifier_for(mapping, given))
    return sources


@router.post(
    "/webhooks/{source}",
    status_code=202,
    summary="Take in events of another tool",
    responses=problems(401, 404, 409, 413, 422, 503),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}},
)
async def receive(source: str, request: Request) -> WebhookReceipt:
    """Events of a source, in its own format, signed as it signs. They are kept before this answers.

    A request that does not prove where it comes from is refused and leaves a trace in the intake.
    """
    sources: WebhookSources = request.app.state.sources
    taken = await sources.accept(source, request)
    request.app.state.dispatcher.wake()
    return taken
