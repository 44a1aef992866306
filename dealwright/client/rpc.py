"""One call to Temporal: bounded in time, and its failures in the words of deals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

from pydantic import BaseModel
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import RPCTimeoutOrCancelledError, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from dealwright.client.errors import TemporalAway, TemporalRefused
from dealwright.values.recorded import Given

T = TypeVar("T")
log = logging.getLogger(__name__)

_BETWEEN_RUNS = ("unexpected workflow task failure", "Workflow Task in failed state")
"""What the server says of an update that met continue-as-new, or a flood of facts, and was not accepted."""

_FULL = "exceeded workflow execution limit"
"""What the server says when one run was sent as many signals as it takes (10,000). The next run takes more."""
_FULL_IN_WORDS = "the deal was told as much as one run takes, and takes more once its worker has caught up"
_TOO_LARGE = "larger than max"
"""What gRPC says of a message that the server does not even read."""
_NO_CONNECTION = "Failed client connect"
"""How the SDK begins when a client that connects on first use cannot."""

_NEVER = frozenset({RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.OUT_OF_RANGE, RPCStatusCode.UNIMPLEMENTED})
_INSIDES = frozenset(
    {RPCStatusCode.UNAVAILABLE, RPCStatusCode.UNKNOWN, RPCStatusCode.INTERNAL, RPCStatusCode.DATA_LOSS}
)
_LONGEST_WORDS = 300
_FOR_THE_CALLER = frozenset({RPCStatusCode.NOT_FOUND, RPCStatusCode.ALREADY_EXISTS})


def _look_at(call: asyncio.Future[T]) -> None:
    """Take note of how a call ended: where the caller was cancelled, nobody else does, and asyncio would complain."""
    if not call.cancelled():
        call.exception()


async def within(seconds: float, call: Awaitable[T], attempt: str | None = None) -> T:
    """The call's answer, if it comes in time. ``attempt`` is the id to try again with.

    The SDK's own time-out does not bound a call that it retries.

    Raises:
        TemporalAway: no answer in time, no connection, no permission, or no worker behind the server.
        TemporalRefused: the call itself cannot be taken.
        RPCError: only with the status NOT_FOUND or ALREADY_EXISTS, or between two runs of a deal.
    """
    under_way = asyncio.ensure_future(call)
    under_way.add_done_callback(_look_at)
    try:
        async with asyncio.timeout(seconds):
            return await under_way
    except (TimeoutError, RPCTimeoutOrCancelledError) as error:
        raise TemporalAway(f"no answer within {seconds:g} s", attempt) from error
    except WorkflowQueryFailedError as error:
        raise TemporalAway(f"the deal could not be asked ({error.message})", attempt) from error
    except RuntimeError as error:
        if not str(error).startswith(_NO_CONNECTION):
            raise
        raise TemporalAway("no connection to the server", attempt) from error
    except RPCError as error:
        if between_runs(error) or (error.status in _FOR_THE_CALLER and not _no_namespace(error)):
            raise
        if _FULL in error.message:
            raise TemporalAway(_FULL_IN_WORDS, attempt) from error
        if error.status in _NEVER or _TOO_LARGE in error.message:
            raise TemporalRefused(error.message) from error
        if error.status is RPCStatusCode.UNAVAILABLE:  # what else it says is the transport's own
            raise TemporalAway("the server is not available", attempt) from error
        hint = "; `dealwright namespace` makes it, TEMPORAL_NAMESPACE names another" if _no_namespace(error) else ""
        raise TemporalAway(f"{_in_words(error)}{hint}", attempt) from error


def _in_words(error: RPCError) -> str:
    """What the server said, unless it is about its own insides: those are no caller's business, and no help."""
    kind = error.status.name.lower().replace("_", " ")
    if error.status in _INSIDES:
        log.warning("Temporal answered %s: %s", kind, error.message)
        return "no connection to the server" if error.status is RPCStatusCode.UNAVAILABLE else kind
    return f"{kind}, {error.message.rstrip('.')[:_LONGEST_WORDS]}"


def between_runs(error: RPCError) -> bool:
    """Whether the deal could not take an update at this moment, and soon can."""
    return any(words in error.message for words in _BETWEEN_RUNS)


def _no_namespace(error: RPCError) -> bool:
    details = error.grpc_status.details
    return bool(details) and details[0].Is(NamespaceNotFoundFailure.DESCRIPTOR)


def payload_of(model: BaseModel) -> dict[str, object]:
    """A model as the plain JSON that every converter writes alike: what was given, be it nothing (``null``)."""
    if isinstance(model, Given):
        return model.model_dump(mode="json", exclude_unset=True)
    return model.model_dump(mode="json", exclude_none=True)
