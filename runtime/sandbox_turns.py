"""Lets a deal's turns into Temporal's sandbox with less work than SDK 1.35 does; what is forbidden there stays so.

The SDK compiles the two lines that enter the sandbox anew for each turn. And for as long as any workflow is in a turn,
``isinstance`` and ``issubclass`` are Python functions for the whole process, which look behind the stand-ins that
the sandbox hands out for modules such as ``random``. What deals run was imported outside of the sandbox: no turn of
theirs meets a stand-in but one that imports such a module, and then does what is refused at once.
"""

from __future__ import annotations

import threading

from temporalio import workflow
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance

_LOOK_BEHIND_STAND_INS = {"isinstance", "issubclass"}


def enter_quickly(instance: WorkflowInstance) -> None:
    """Have the turns of a run that was just made enter the sandbox so. Changes nothing in another runner's run."""
    parts = vars(instance)
    importer, inside = parts.get("importer"), parts.get("globals_and_locals", {}).get("__temporal_in_sandbox")
    if importer is None or inside is None:
        return
    importer.restricted_builtins = [one for one in importer.restricted_builtins if one[0] not in _LOOK_BEHIND_STAND_INS]
    context, enter = importer.restriction_context, workflow.unsafe._set_in_sandbox  # noqa: SLF001 - as the SDK does

    def activate(act: WorkflowActivation) -> WorkflowActivationCompletion:
        context.is_runtime = context.in_activation = True
        enter(v=True)
        parts["_current_thread_id"] = threading.get_ident()
        try:
            with importer.applied():
                completion: WorkflowActivationCompletion = inside.activate(act)
            return completion
        finally:
            enter(v=False)
            parts["_current_thread_id"] = None
            context.is_runtime = context.in_activation = False

    instance.activate = activate  # type: ignore[method-assign] # the sandbox's instance has no other seam
