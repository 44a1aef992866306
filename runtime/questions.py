"""Questions (queries) wait until the decision under way is made.

A query that comes with a workflow task is answered while the task's local activity runs. When the activity ends
first, Core 1.35 completes the task with its marker, but gives its result to the workflow in the next task, after
whatever came in meanwhile; a replay gives it before. Such a history cannot be replayed: the deal would be stuck from
the moment a worker forgets it. So a query that finds a local activity running is left unanswered: the server hands
it over again once the task is done.
"""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

_DIRECT = "legacy_query"
"""The id of a query that comes without a workflow task: it must be answered, and does no harm."""


@dataclass(frozen=True)
class PatientRunner(SandboxedWorkflowRunner):
    """Temporal's sandbox, with questions that wait for local activities."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Make the instance of one run."""
        instance = super().create_instance(det)
        _let_questions_wait(instance)
        return instance


def _let_questions_wait(instance: WorkflowInstance) -> None:
    running: set[int] = set()
    activate = instance.activate

    def patiently(act: WorkflowActivation) -> WorkflowActivationCompletion:
        if running and _only_questions_on_a_task(act):
            unanswered = WorkflowActivationCompletion(run_id=act.run_id)
            unanswered.successful.SetInParent()
            return unanswered
        running.difference_update(job.resolve_activity.seq for job in act.jobs if job.HasField("resolve_activity"))
        completion = activate(act)
        running.update(
            command.schedule_local_activity.seq
            for command in completion.successful.commands
            if command.HasField("schedule_local_activity")
        )
        return completion

    instance.activate = patiently  # type: ignore[method-assign] # the sandbox's instance has no other seam


def _only_questions_on_a_task(act: WorkflowActivation) -> bool:
    return bool(act.jobs) and all(
        job.HasField("query_workflow") and job.query_workflow.query_id != _DIRECT for job in act.jobs
    )
