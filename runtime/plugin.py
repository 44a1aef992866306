"""One plugin for every client, worker and replayer of deals.

How values are written, what the sandbox lets through, and the signs of life that activities give.
"""

from __future__ import annotations

from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from runtime.converter import DATA_CONVERTER
from runtime.heartbeat import Heartbeats
from runtime.runner import DealRunner

PASSED_THROUGH = (
    "dealwright", "workflows", "pydantic", "pydantic_core", "annotated_types",
    "email_validator", "idna",
)  # fmt: skip
"""Pure modules that are not loaded anew for each run of a workflow: what they name is checked by a test instead."""


def deals_plugin() -> SimplePlugin:
    """The plugin."""
    return SimplePlugin(
        "dealwright", data_converter=DATA_CONVERTER, interceptors=[Heartbeats()], workflow_runner=_runner
    )


def _runner(existing: WorkflowRunner | None) -> WorkflowRunner:
    if existing is not None and not isinstance(existing, SandboxedWorkflowRunner):
        return existing
    return DealRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH),
        contexts_needed=DATA_CONVERTER.payload_codec is not None or DATA_CONVERTER.external_storage is not None,
    )
