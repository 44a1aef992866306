"""Batches many signals of one activation into one, since each costs a pass through the sandbox.

For each signal the SDK makes a task, and enters the sandbox some ten times: a tenth of a millisecond, of which a
flood of ten thousand has too many. What is not done within two seconds counts as a deadlock; and a workflow that
was interrupted with tasks of which not one step was taken can never be evicted, nor its worker stopped.

All handlers of signals are plain functions, called one after another before anything else goes on. So it is the same
to the workflow whether they come one by one or together, also on replay.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from pydantic_core import to_json
from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import SignalWorkflow, WorkflowActivation, WorkflowActivationJob

from dealwright.identity import MANY_SIGNALS

MAX_UNBATCHED = 20
_JSON = {"encoding": b"json/plain"}


def batch_signals(act: WorkflowActivation) -> WorkflowActivation:
    """The same activation, with signals that follow one another as one of the name ``MANY_SIGNALS``.

    It has, for each signal, a payload with ``[its name, the number of its payloads]``, and these. Few signals stay
    as they are. One that bears this name itself never does: what is in it was written by somebody else.
    """
    signals = [job.signal_workflow for job in act.jobs if job.HasField("signal_workflow")]
    if len(signals) <= MAX_UNBATCHED and all(signal.signal_name != MANY_SIGNALS for signal in signals):
        return act
    jobs: list[WorkflowActivationJob] = []
    for are_signals, following in groupby(act.jobs, key=lambda job: job.HasField("signal_workflow")):
        group = list(following)
        jobs += [_together([job.signal_workflow for job in group])] if are_signals else group
    together = WorkflowActivation()
    together.CopyFrom(act)
    del together.jobs[:]
    together.jobs.extend(jobs)
    return together


def _together(signals: Iterable[SignalWorkflow]) -> WorkflowActivationJob:
    payloads: list[Payload] = []
    for signal in signals:
        payloads.append(Payload(metadata=_JSON, data=to_json([signal.signal_name, len(signal.input)])))
        payloads += signal.input
    return WorkflowActivationJob(signal_workflow=SignalWorkflow(signal_name=MANY_SIGNALS, input=payloads))
