"""``POST /webhooks/{source}``: verify the signature, write the events to the intake, answer 202.

The dispatcher sends them to their deals afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from gateway.problems import ApiError, problems
from gateway.webhooks.keeping import Keeper
from gateway.webhooks.rejections import RejectionLog
from gateway.webhooks.sources import WebhookSource
from integrations.kit.errors import NotHandedOver, Unanswered
from integrations.kit.inbound import Fetcher, InboundResult
from integrations.kit.mapping.answers import Reply
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import challenge_in, events_in, reply_to
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import CannotVerify, InvalidSignature, WebhookRequest
from store import feeds, intake
from store.database import Store
from store.intake import IntakeState

router = APIRouter(tags=["Webhooks"], redirect_slashes=False)

_NOTED_EVERY = timedelta(minutes=5)
_NEVER = datetime.min.replace(tzinfo=UTC)
log = logging.getLogger(__name__)


class WebhookReceipt(BaseModel):
    """What became of a webhook's events."""

    events: int = Field(examples=[3])
    new: int = Field(examples=[2], description="The others had come before.")
    refused: int = Field(
        default=0,
        examples=[0],
        description="How many came before under the same id with other content, if any. The first ones count; "
        "`GET /v1/intake?state=refused` shows these.",
    )


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
        self._rejections, self._keeper = RejectionLog(store), Keeper(store)
        self._heard: dict[str, datetime] = {}

    @property
    def named_by_id(self) -> frozenset[str]:
        """Sources whose events may name the deal by its id."""
        return frozenset(name for name, source in self._sources.items() if source.mapping.by_id)

    @property
    def keep_ids_for(self) -> Mapping[str, timedelta]:
        """Sources whose events' ids are remembered at least so long."""
        kept = {name: source.mapping.keep_ids_for for name, source in self._sources.items()}
        return {name: span for name, span in kept.items() if span is not None}

    @property
    def fetchers(self) -> Mapping[str, tuple[Source, Fetcher]]:
        """Sources that only hint, each with what gets what it hints at."""
        return {name: (one.source, one.fetcher) for name, one in self._sources.items() if one.fetcher is not None}

    async def accept(self, name: str, request: Request, path_secret: str = "") -> Response:
        """Verify a request and write its events to the intake. Success is answered only after that.

        Raises:
            ApiError: the source is unknown, is not signed correctly, or sent what cannot be read. Or more comes than is
                taken.
            StoreAway: nothing was kept; the source tries again.
        """
        source, now = self._source(name), self._clock()
        incoming = await self._incoming(request, path_secret)
        try:
            await _verify(source, incoming, now)
            if (challenged := challenge_in(source.source, incoming)) is not None:
                return _response(challenged)
            result = await self._read(source, incoming, now)
            reply = result.answer or reply_to(source.source, incoming)
        except InvalidSignature as error:
            await self._rejections.add(name, incoming, str(error), now, source.mapping.secret_fields)
            raise ApiError(401, "not-proven", "The request does not prove where it comes from", str(error)) from error
        except CannotVerify as error:
            log.warning("webhook of %s not taken: %s", name, error)
            raise ApiError(503, "cannot-verify", "The request cannot be verified now", str(error)) from error
        except (NotHandedOver, Unanswered) as error:
            log.warning("webhook of %s not taken: %s", name, error)
            raise ApiError(503, "cannot-look-up", "What it points at cannot be had now", error.reason) from error
        except Unreadable as error:
            await self._rejections.add(name, incoming, str(error), now, source.mapping.secret_fields)
            raise ApiError(422, "unreadable", "The request is not what its source sends", str(error)) from error
        request.app.state.rate_limits.check_source(name)
        new = await self._keeper.keep(result.events)
        await self._hear(name, now)
        for event in new:
            if event.state is IntakeState.REFUSED:
                log.warning("row %d of the intake, of %s: refused, as it says", event.id, event.source)
        differing = await intake.conflicting(self._store, result.events) if len(new) < len(result.events) else []
        # A source cannot mend what it has sent: it would only send it again, and some give up for good in the end.
        await self._rejections.add_differing(name, differing, now)
        receipt = WebhookReceipt(events=len(result.events), new=len(new), refused=len(differing))
        return _response(reply) if reply else JSONResponse(receipt.model_dump(exclude_defaults=True), 202)

    async def _hear(self, name: str, now: datetime) -> None:
        """Note now and then that webhooks come: whoever reads the source beside them asks whether they still do."""
        if now - self._heard.get(name, _NEVER) >= _NOTED_EVERY:
            self._heard[name] = now
            await feeds.heard(self._store, name, now)

    async def _read(self, source: WebhookSource, request: WebhookRequest, now: datetime) -> InboundResult:
        if source.handler is not None:
            return await source.handler(request, source.source, self._store)
        return InboundResult(tuple(events_in(source.source, request, now)))

    def check_linkable(self, name: str) -> None:
        """Check that a source names its deals by objects of its own, which are to be linked.

        Raises:
            ApiError: the source is unknown, or names deals by their ids.
        """
        if not self._source(name).mapping.by_object:
            text = f"Events of {name} name the deal by its id: they need no link."
            raise ApiError(422, "nothing-to-link", "This source has nothing to link", text)

    def _source(self, name: str) -> WebhookSource:
        if name not in self._sources:
            known = ", ".join(sorted(self._sources)) or "none"
            raise ApiError(404, "no-such-source", "No such source", f"There is no source {name!r}; known are {known}.")
        return self._sources[name]

    async def _incoming(self, request: Request, path_secret: str) -> WebhookRequest:
        path: bytes = request.scope.get("raw_path") or request.url.path.encode()
        if path_secret:
            path = path.rpartition(b"/")[0]
        query: bytes = request.scope["query_string"]
        base = self._public_url or f"{request.url.scheme}://{request.url.netloc}"
        return WebhookRequest(
            method=request.method,
            url=base + path.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else ""),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
            query=dict(reversed(request.query_params.multi_items())),
            path_secret=path_secret,
        )


async def _verify(source: WebhookSource, request: WebhookRequest, now: datetime) -> None:
    if request.path_secret and not source.mapping.auth.has_secret_in_path:
        raise InvalidSignature(f"the URL of {source.source.name} ends with its name")
    for header, literals in source.mapping.refuse_literals.items():
        if request.headers.get(header.lower()) in literals:
            raise InvalidSignature(f"the header {header} says that there is no proof")
    await source.verifier.check(request, now)


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, {"Content-Type": reply.content_type})


_ANSWERS = problems(401, 404, 413, 422, 429, 503)
SourceName = Annotated[str, Path(description="The tool that sends them.", examples=["hubspot"])]
PathSecret = Annotated[str, Path(description="What only that tool knows.", examples=["x" * 32])]
_ANY_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}


@router.post(
    "/webhooks/{source}",
    status_code=202,
    response_model=WebhookReceipt,
    summary="Take in events of another tool",
    responses=_ANSWERS,
    openapi_extra=_ANY_BODY,
)
async def receive(source: SourceName, request: Request) -> Response:
    """Events of a source, in its own format, signed as it signs. They are kept before this answers.

    A request that does not prove where it comes from is refused and leaves a trace in the intake. Some sources want
    another answer than this receipt, as their mapping files say.
    """
    return await _received(source, request, "")


@router.post(
    "/webhooks/{source}/{secret}",
    status_code=202,
    response_model=WebhookReceipt,
    summary="Take in events of a tool that signs nothing",
    responses=_ANSWERS,
    openapi_extra=_ANY_BODY,
)
async def receive_by_secret_path(source: SourceName, secret: PathSecret, request: Request) -> Response:
    """The same, of a source that signs nothing and knows a secret URL instead."""
    return await _received(source, request, secret)


async def _received(source: str, request: Request, path_secret: str) -> Response:
    sources: WebhookSources = request.app.state.sources
    answer = await sources.accept(source, request, path_secret)
    request.app.state.dispatcher.wake()
    return answer
