"""What every simulator can do: be a process of its own, misbehave on request, send webhooks, remember."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from integrations.kit.simulator.process import RunningSimulator, SimulatorFailed, running_simulator
from integrations.registry import TOOLS
from local.webhook_receiver import WebhookReceiver, webhook_receiver

MODULE = "tests.integrations.kit.simulator.counter"


@pytest.fixture(scope="module")
async def receiver_process() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as running:
        yield running


@pytest.fixture(scope="module")
async def counter_process(receiver_process: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator(MODULE, target=receiver_process.url) as running:
        yield running


@pytest.fixture
async def receiver(receiver_process: WebhookReceiver) -> WebhookReceiver:
    receiver_process.requests.clear()
    receiver_process.answers.clear()
    return receiver_process


@pytest.fixture
async def counter(counter_process: RunningSimulator, receiver: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    await counter_process.switch(hold=True, retry_after=0)
    await counter_process.change(count=0)
    await counter_process.deliver()
    receiver.requests.clear()
    yield counter_process
    await counter_process.switch(
        only="", lose_request=0, lose_response=0, bad_gateway=0, server_error=0, quota_spent=0, expire_token=0,
        duplicate=0, reorder=False, drop=0, subscription_disabled=False, clock_skew=0,
    )  # fmt: skip


@pytest.fixture
async def web(counter: RunningSimulator) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        base_url=counter.url, headers={"Authorization": "Bearer let-me-in"}, timeout=60
    ) as client:
        yield client


async def test_calls_are_answered_and_written_down(counter: RunningSimulator, web: httpx2.AsyncClient) -> None:
    assert (await web.post("/count", content=b"more")).status_code == 201

    call = (await counter.calls("POST /count"))[-1]
    assert (call.status, call.body, call.fault) == (201, "more", None)
    assert await counter.state() == {"count": 1}


async def test_nobody_gets_in_without_the_token(counter: RunningSimulator) -> None:
    async with httpx2.AsyncClient(base_url=counter.url, timeout=60) as stranger:
        assert (await stranger.post("/count")).status_code == 401
    assert await counter.state() == {"count": 0}


@pytest.mark.parametrize(("fault", "status"), [("server_error", 500), ("quota_spent", 429), ("expire_token", 401)])
async def test_a_call_is_refused_as_the_tool_refuses(
    counter: RunningSimulator, web: httpx2.AsyncClient, fault: str, status: int
) -> None:
    await counter.switch(**{fault: 1})

    assert (await web.post("/count")).status_code == status
    assert (await web.post("/count")).status_code == 201
    assert await counter.state() == {"count": 1}


async def test_an_answer_is_lost_after_the_call_was_carried_out(
    counter: RunningSimulator, web: httpx2.AsyncClient
) -> None:
    await counter.switch(lose_response=1)

    with pytest.raises(httpx2.RemoteProtocolError):
        await web.post("/count")
    assert await counter.state() == {"count": 1}


async def test_a_call_is_lost_before_it_is_carried_out(counter: RunningSimulator, web: httpx2.AsyncClient) -> None:
    await counter.switch(lose_request=1)

    with pytest.raises(httpx2.TransportError):
        await web.post("/count")
    assert await counter.state() == {"count": 0}


async def test_a_proxy_answers_in_place_of_the_tool(counter: RunningSimulator, web: httpx2.AsyncClient) -> None:
    await counter.switch(bad_gateway=1)

    assert (await web.post("/count")).status_code == 502
    assert await counter.state() == {"count": 1}


async def test_only_the_calls_that_are_meant_go_wrong(counter: RunningSimulator, web: httpx2.AsyncClient) -> None:
    await counter.switch(only="^POST", server_error=-1)

    assert (await web.get("/count")).status_code == 200
    assert (await web.post("/count")).status_code == 500


async def test_what_is_no_switch_is_refused(counter: RunningSimulator) -> None:
    with pytest.raises(SimulatorFailed, match="dupplicate"):
        await counter.switch(dupplicate=1)


async def test_what_nobody_can_do_in_the_tool_is_refused(counter: RunningSimulator) -> None:
    with pytest.raises(SimulatorFailed, match="count is to be a number"):
        await counter.change(count="many")


async def test_webhooks_are_sent_in_batches(counter: RunningSimulator, receiver: WebhookReceiver) -> None:
    for number in (1, 2, 3):
        await counter.change(count=number)

    await counter.deliver()

    assert [body["events"] for body in receiver.bodies] == [[1, 2], [3]]


async def test_a_webhook_is_sent_by_itself_unless_it_is_held(
    counter: RunningSimulator, receiver: WebhookReceiver
) -> None:
    await counter.change(count=1)
    await counter.switch(hold=False)

    await receiver.has(1)


async def test_a_webhook_that_is_not_taken_is_sent_again(counter: RunningSimulator, receiver: WebhookReceiver) -> None:
    receiver.answers[:] = [503, 503]
    await counter.change(count=1)

    for _ in range(4):
        await counter.deliver()

    assert receiver.bodies == [{"events": [1], "attempt": attempt} for attempt in (0, 1, 2)]


@pytest.mark.parametrize("answers", [[404], [503, 503, 503]], ids=["final", "too often"])
async def test_a_webhook_is_given_up(counter: RunningSimulator, receiver: WebhookReceiver, answers: list[int]) -> None:
    attempts = len(answers)
    receiver.answers[:] = answers
    await counter.change(count=7)

    for _ in range(4):
        await counter.deliver()

    assert len(receiver.requests) == attempts
    assert (await counter.webhooks()).lost[-1] == 7


async def test_a_webhook_comes_twice(counter: RunningSimulator, receiver: WebhookReceiver) -> None:
    await counter.switch(duplicate=1)
    await counter.change(count=1)

    await counter.deliver()

    assert [body["events"] for body in receiver.bodies] == [[1], [1]]


async def test_a_webhook_never_comes(counter: RunningSimulator, receiver: WebhookReceiver) -> None:
    await counter.switch(drop=1)
    await counter.change(count=1)

    await counter.deliver()
    await counter.deliver()

    assert receiver.requests == []


async def test_events_come_in_another_order(counter: RunningSimulator, receiver: WebhookReceiver) -> None:
    await counter.switch(reorder=True)
    for number in range(20):
        await counter.change(count=number)

    await counter.deliver()

    came = [event for body in receiver.bodies for event in body["events"]]
    assert came != sorted(came) == list(range(20))


async def test_while_the_subscription_is_disabled_nothing_is_told(
    counter: RunningSimulator, receiver: WebhookReceiver
) -> None:
    await counter.switch(subscription_disabled=True)
    await counter.change(count=1)
    await counter.switch(subscription_disabled=False)
    await counter.change(count=2)

    await counter.deliver()

    assert [body["events"] for body in receiver.bodies] == [[2]]


async def test_the_same_file_continues(tmp_path: Path) -> None:
    file = tmp_path / "counter.json"
    async with running_simulator(MODULE, file=file) as first:
        await first.change(count=5)
    async with running_simulator(MODULE, file=file) as second:
        assert await second.state() == {"count": 5}


async def test_it_tells_how_to_connect_to_it(counter: RunningSimulator) -> None:
    example = await counter.connection()

    assert example.block == {"token": "secret:token", "base_url": counter.url}
    assert example.secrets == {"token": "let-me-in"}


@pytest.mark.parametrize("options", [{"tokn": "x"}], ids=["an option that is none"])
async def test_one_that_cannot_be_started_says_so(options: dict[str, str]) -> None:
    with pytest.raises(SimulatorFailed, match="did not start"):
        async with running_simulator(MODULE, options=options):
            pass


def test_simulators_load_nothing_of_deals_so_that_many_start_at_once() -> None:
    simulators = sorted(f"integrations.{name}.simulator.simulator" for name, tool in TOOLS.items() if tool.simulated)
    load = f"import sys, importlib\nfor one in {simulators}: importlib.import_module(one)\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", load], check=True, capture_output=True, text=True).stdout.split()
    assert set(simulators) <= set(loaded)
    assert not {"dealwright", "store", "sqlalchemy", "temporalio", "fastapi"} & set(loaded)
