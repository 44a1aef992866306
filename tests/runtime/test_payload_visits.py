"""Payloads are walked through only for whoever reads them: a codec, an external storage, another converter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.bridge import worker as sdk
from temporalio.bridge._visitor import PayloadVisitor
from temporalio.bridge.proto.workflow_activation import SignalWorkflow, WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import ScheduleActivity, WorkflowCommand
from temporalio.bridge.proto.workflow_completion import Success, WorkflowActivationCompletion
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, PayloadCodec

from runtime.converter import DATA_CONVERTER
from runtime.payload_visits import spare_visits
from tests.replay.replaying import HISTORIES, history_in, replay


class Reversed(PayloadCodec):
    """Writes backwards what it is given."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload(metadata=one.metadata, data=one.data[::-1]) for one in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return await self.encode(payloads)


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was walked through."""
    walked: list[object] = []

    async def visit(_: object, __: object, root: object) -> None:
        walked.append(root)

    monkeypatch.setattr(PayloadVisitor, "visit", visit)
    return walked


async def turn(converter: DataConverter) -> tuple[bytes, bytes]:
    """What a turn that is given ``in`` reads, and what the server reads of its ``out``."""
    spare_visits()
    signal = SignalWorkflow(signal_name="note_added", input=[Payload(data=b"in")])
    activation = WorkflowActivation(jobs=[WorkflowActivationJob(signal_workflow=signal)])
    await sdk.decode_activation(activation, converter, False, 3)
    command = WorkflowCommand(schedule_activity=ScheduleActivity(seq=1, arguments=[Payload(data=b"out")]))
    completion = WorkflowActivationCompletion(successful=Success(commands=[command]))
    await sdk.encode_completion(completion, converter, False, 3)
    (told,), (given,) = activation.jobs[0].signal_workflow.input, command_in(completion).arguments
    return told.data, given.data


def command_in(completion: WorkflowActivationCompletion) -> ScheduleActivity:
    return completion.successful.commands[0].schedule_activity


async def test_what_nobody_reads_comes_through_as_it_is() -> None:
    assert await turn(DATA_CONVERTER) == (b"in", b"out")


async def test_what_a_codec_reads_goes_through_it() -> None:
    assert await turn(replace(DATA_CONVERTER, payload_codec=Reversed())) == (b"ni", b"tuo")


async def test_without_a_codec_nothing_is_walked_through(walks: list[object]) -> None:
    await turn(DATA_CONVERTER)
    assert walks == []


async def test_what_other_workflows_of_the_process_are_given_is_left_to_the_sdk(walks: list[object]) -> None:
    await turn(pydantic_data_converter)
    assert len(walks) == 6


async def test_a_whole_run_of_a_deal_needs_no_walk(walks: list[object]) -> None:
    await replay("one run", history_in(HISTORIES[0]))
    assert walks == []
