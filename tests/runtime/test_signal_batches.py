from __future__ import annotations

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import (
    DoUpdate,
    FireTimer,
    SignalWorkflow,
    WorkflowActivation,
    WorkflowActivationJob,
)

from dealwright.identity import MANY_SIGNALS
from runtime.signal_batches import MAX_UNBATCHED, batch_signals


def signal(name: str, *data: bytes) -> WorkflowActivationJob:
    payloads = [Payload(metadata={"encoding": b"json/plain"}, data=one) for one in data]
    return WorkflowActivationJob(signal_workflow=SignalWorkflow(signal_name=name, input=payloads))


def activation(*jobs: WorkflowActivationJob) -> WorkflowActivation:
    return WorkflowActivation(run_id="run", history_length=7, jobs=jobs)


def test_few_signals_stay_as_they_are() -> None:
    few = activation(*[signal("note_added", b"{}")] * MAX_UNBATCHED)
    assert batch_signals(few) is few


def test_many_come_as_one_each_with_its_name_and_all_its_payloads() -> None:
    many = [signal(f"fact-{number}", *[b"{}"] * (number % 3)) for number in range(MAX_UNBATCHED + 1)]
    (one,) = batch_signals(activation(*many)).jobs
    data = [payload.data for payload in one.signal_workflow.input]
    assert one.signal_workflow.signal_name == MANY_SIGNALS
    assert data[:6] == [b'["fact-0",0]', b'["fact-1",1]', b"{}", b'["fact-2",2]', b"{}", b"{}"]


def test_what_comes_between_signals_stays_between_them() -> None:
    update, timer = (
        WorkflowActivationJob(do_update=DoUpdate(id="u")),
        WorkflowActivationJob(fire_timer=FireTimer(seq=1)),
    )
    many = [signal("note_added", b"{}")] * (MAX_UNBATCHED + 1)
    jobs = batch_signals(activation(timer, *many, update, *many)).jobs
    assert [job.WhichOneof("variant") for job in jobs] == [
        "fire_timer", "signal_workflow", "do_update", "signal_workflow"
    ]  # fmt: skip


def test_all_else_of_the_activation_stays() -> None:
    together = batch_signals(activation(*[signal("note_added", b"{}")] * (MAX_UNBATCHED + 1)))
    assert (together.run_id, together.history_length) == ("run", 7)


def test_nobody_outside_can_give_many_as_one() -> None:
    (forged,) = batch_signals(activation(signal(MANY_SIGNALS, b'["contract_signed",1]', b"{}"))).jobs
    assert [payload.data for payload in forged.signal_workflow.input] == [
        f'["{MANY_SIGNALS}",2]'.encode(), b'["contract_signed",1]', b"{}"
    ]  # fmt: skip
