"""The workflow runner: Temporal's sandbox, with five changes that SDK 1.35 calls for.

*Questions wait until the decision under way is made.* A query that comes with a workflow task is answered while the
task's local activity runs. When the activity ends first, Core completes the task with its marker, but gives its
result to the workflow in the next task, after whatever came in meanwhile; a replay gives it before. Such a history
cannot be replayed: the deal would be stuck from the moment a worker forgets it. So a query that finds a local
activity running is left unanswered: the server hands it over again once the task is done.

*Contexts are made for those who read them.* For each payload of each command the SDK enters the sandbox twice to ask
for what a codec or an external storage may want to know. Without these nobody does, and a fifth of a worker's time
is saved.

*What is evicted is let go.* The SDK's objects of a run refer to each other in circles, and hold the deal. By the pace
of Python's collector a worker would keep thousands of deals that are in its cache no more.

*Many signals of one moment come as one*, see ``runtime.signal_batches``.

*Turns enter the sandbox quickly*, see ``runtime.sandbox_turns``.
"""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from dealwright.identity import WORKFLOW_TYPE
from runtime.sandbox_turns import enter_quickly
from runtime.signal_batches import batch_signals
from runtime.stuck_workflows import activations

_DIRECT = "legacy_query"
"""The id of a query that comes without a workflow task: it must be answered, and does no harm."""
_STAYS = {"_deleting"}
"""What tasks of an evicted run still ask when they are destroyed."""
_NOWHERE = StorageDriverStoreContext(target=None)


@dataclass(frozen=True)
class DealRunner(SandboxedWorkflowRunner):
    """Temporal's sandbox, with these changes."""

    contexts_needed: bool = False
    """Whether a codec or an external storage works on payloads."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Make the instance of one run. Whatever else a worker hosts is run as the SDK runs it."""
        instance = super().create_instance(det)
        if det.info.workflow_type != WORKFLOW_TYPE:
            return instance
        enter_quickly(instance)
        _defer_queries(instance)
        if not self.contexts_needed:
            _skip_contexts(instance)
        return instance


# The sandbox's instance has no other seam than its methods, hence the assignments.


def _defer_queries(instance: WorkflowInstance) -> None:
    running: set[int] = set()
    activate = instance.activate

    def activate_unless_busy(act: WorkflowActivation) -> WorkflowActivationCompletion:
        if running and _only_task_queries(act):
            unanswered = WorkflowActivationCompletion(run_id=act.run_id)
            unanswered.successful.SetInParent()
            return unanswered
        running.difference_update(job.resolve_activity.seq for job in act.jobs if job.HasField("resolve_activity"))
        evicts = any(job.HasField("remove_from_cache") for job in act.jobs)
        with activations.track(act.run_id, evicts=evicts):
            completion = activate(batch_signals(act))
        if evicts:
            _break_cycles(instance)
            return completion
        running.update(
            command.schedule_local_activity.seq
            for command in completion.successful.commands
            if command.HasField("schedule_local_activity")
        )
        return completion

    instance.activate = activate_unless_busy  # type: ignore[method-assign] # see above


def _break_cycles(instance: WorkflowInstance) -> None:
    """Undo the circles in which an evicted run holds itself, and its whole deal."""
    sandboxed = vars(instance).get("globals_and_locals", {}).get("__temporal_in_sandbox")
    for part in (getattr(sandboxed, "instance", None), getattr(instance, "importer", None), instance):
        for name in vars(part).keys() - _STAYS if part is not None else ():
            delattr(part, name)


def _only_task_queries(act: WorkflowActivation) -> bool:
    return bool(act.jobs) and all(
        job.HasField("query_workflow") and job.query_workflow.query_id != _DIRECT for job in act.jobs
    )


def _skip_contexts(instance: WorkflowInstance) -> None:
    def no_context(command_info: object) -> SerializationContext | None:
        del command_info
        return None

    def no_store_context(command_info: object) -> StorageDriverStoreContext:
        del command_info
        return _NOWHERE

    instance.get_serialization_context = no_context  # type: ignore[method-assign] # see above
    instance.get_external_store_context = no_store_context  # type: ignore[method-assign] # see above
