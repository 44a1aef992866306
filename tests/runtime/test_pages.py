"""A deal's page is made for whoever looks at it; that they see it is tested on a real server, in tests/workflows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from temporalio import workflow
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.worker import HandleQueryInput, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

import workflows.queries
from dealwright.identity import WORKFLOW_TYPE
from runtime.pages import Pages
from tests.replay.replaying import HISTORIES, history_in, replay


async def test_no_page_is_made_while_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[object] = []
    monkeypatch.setattr(workflows.queries, "page_of", lambda *about: pages.append(about))
    await replay("one run", history_in(HISTORIES[0]))
    assert pages == []


class Answering(WorkflowInboundInterceptor):
    """The SDK's end of the chain, which answers each query with the same."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    async def handle_query(self, input: HandleQueryInput) -> Any:  # noqa: A002 - the SDK's signature
        del input
        return self.answer


async def asked(monkeypatch: pytest.MonkeyPatch, workflow_type: str, answer: object) -> object:
    monkeypatch.setattr(workflow, "info", lambda: SimpleNamespace(workflow_type=workflow_type))
    monkeypatch.setattr(workflow, "instance", lambda: SimpleNamespace(page="**Nothing blocks.**"))
    shown = Pages().workflow_interceptor_class(cast("WorkflowInterceptorClassInput", None))(Answering(answer))
    return await shown.handle_query(HandleQueryInput(id="1", query="any", args=[], headers={}))


async def test_whoever_asks_for_the_details_of_a_deal_is_told_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    told = await asked(monkeypatch, WORKFLOW_TYPE, WorkflowMetadata())
    assert told == WorkflowMetadata(current_details="**Nothing blocks.**")


async def test_other_workflows_of_the_process_keep_their_own_details(monkeypatch: pytest.MonkeyPatch) -> None:
    told = await asked(monkeypatch, "Another", WorkflowMetadata(current_details="its own"))
    assert told == WorkflowMetadata(current_details="its own")


async def test_whoever_asks_something_else_is_told_that_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await asked(monkeypatch, WORKFLOW_TYPE, "a snapshot") == "a snapshot"
