"""One plugin for every client, worker and replayer of deals.

How values are written, what the sandbox lets through, the page that people see, the signs of life of activities.
"""

from __future__ import annotations

from dataclasses import replace

from temporalio.converter import DataConverter
from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkerConfig, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from runtime.converter import DATA_CONVERTER, for_deals
from runtime.heartbeat import Heartbeats
from runtime.pages import Pages
from runtime.payload_visits import spare_visits
from runtime.runner import DealRunner

PASSED_THROUGH = (
    "dealwright", "workflows", "pydantic", "pydantic_core", "annotated_types",
    "email_validator", "idna",
)  # fmt: skip
"""Pure modules that are not loaded anew for each run of a workflow: what they name is checked by a test instead."""


class CarriesDeals(SimplePlugin):
    """The plugin."""

    def __init__(self) -> None:
        super().__init__(
            "dealwright", data_converter=for_deals, interceptors=[Heartbeats(), Pages()], workflow_runner=_runner
        )

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Bring the runner; it has contexts made where the client's converter has something that reads them."""
        config = super().configure_worker(config)
        runner = config.get("workflow_runner")
        if isinstance(runner, DealRunner) and _needs_contexts(config["client"].data_converter):
            config["workflow_runner"] = replace(runner, contexts_needed=True)
        return config


def deals_plugin() -> CarriesDeals:
    """The plugin."""
    return CarriesDeals()


def _runner(existing: WorkflowRunner | None) -> WorkflowRunner:
    if existing is not None and not isinstance(existing, SandboxedWorkflowRunner):
        return existing
    spare_visits()
    restrictions = existing.restrictions if existing else SandboxRestrictions.default
    return DealRunner(
        restrictions=restrictions.with_passthrough_modules(*PASSED_THROUGH),
        contexts_needed=_needs_contexts(DATA_CONVERTER),
    )


def _needs_contexts(converter: DataConverter) -> bool:
    return converter.payload_codec is not None or converter.external_storage is not None
