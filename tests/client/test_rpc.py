"""What the server's errors mean for whoever called."""

from __future__ import annotations

import pytest
from temporalio.service import RPCError, RPCStatusCode

from dealwright.client.errors import TemporalAway
from dealwright.client.rpc import within


async def failing(status: RPCStatusCode, message: str) -> None:
    raise RPCError(message, status, b"")


async def test_a_run_that_was_told_as_much_as_it_takes_takes_more_later() -> None:
    words = "exceeded workflow execution limit for signal events"
    with pytest.raises(TemporalAway, match="takes more once its worker has caught up"):
        await within(1, failing(RPCStatusCode.INVALID_ARGUMENT, words))


@pytest.mark.parametrize("status", [RPCStatusCode.UNAVAILABLE, RPCStatusCode.INTERNAL, RPCStatusCode.UNKNOWN])
async def test_what_is_wrong_inside_the_server_is_not_told(status: RPCStatusCode) -> None:
    with pytest.raises(TemporalAway) as caught:
        await within(1, failing(status, "unable to run SELECT secret FROM executions"))
    assert "SELECT" not in str(caught.value)


async def test_what_the_server_says_of_the_call_is_told() -> None:
    with pytest.raises(TemporalAway, match="resource exhausted, namespace rate limit exceeded"):
        await within(1, failing(RPCStatusCode.RESOURCE_EXHAUSTED, "namespace rate limit exceeded"))
