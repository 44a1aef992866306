"""Writes a deal's page when somebody looks at it, not after each decision.

The SDK keeps a workflow's details as a text, and gives it to the query by which the Temporal UI asks for them. With
each change of a deal that text would have to be made anew, and hardly one of them is ever read.
"""

from __future__ import annotations

from typing import Any, Protocol, cast

from temporalio import workflow
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.worker import (
    HandleQueryInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from dealwright.identity import WORKFLOW_TYPE


class HasPage(Protocol):
    """A workflow that people look at."""

    @property
    def page(self) -> str:
        """How it stands, in Markdown as the Temporal UI renders it."""


class Pages(Interceptor):
    """Tells whoever asks for the details of a deal's workflow its page. Other workflows have their own."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002 - the SDK's
        """What stands before each run of a workflow."""
        del input
        return _Shown


class _Shown(WorkflowInboundInterceptor):
    async def handle_query(self, input: HandleQueryInput) -> Any:  # noqa: A002, ANN401 - the SDK's signature
        answer = await super().handle_query(input)
        if isinstance(answer, WorkflowMetadata) and workflow.info().workflow_type == WORKFLOW_TYPE:
            answer.current_details = cast("HasPage", workflow.instance()).page
        return answer
