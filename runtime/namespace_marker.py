"""The mark that says in a Temporal namespace which installation its deals belong to.

It is a workflow that is started and that nobody runs. Temporal starts only one of an id at a time, keeps it for as
long as it is open, carries it along in its backups, and lets everybody start it who may start deals: on a server of
one's own and on Temporal Cloud alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import NamedTuple, TypeVar

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy as IdConflict
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from dealwright.identity import WORKFLOW_TYPE
from runtime.connection import NotReady, address_of, no_answer

MARKER = "dealwright-installation"
"""The marker's workflow id, and its task queue, which nobody polls."""
_TYPE = "DealwrightInstallation"
_SUMMARY = "Says to which store the deals of this namespace belong"
_DETAILS = """**Nobody runs this workflow, and it is meant to stay open.**

Dealwright starts no worker on a namespace whose deals keep their ledger in another store: it compares what stands
here, in the memo, with what stands in the store. `dealwright installation` shows both."""
_TIMEOUT = timedelta(seconds=10)
_T = TypeVar("_T")


class NamespaceMark(NamedTuple):
    """What stands in a namespace."""

    installation: str
    store: str
    """Where that store was when it took the namespace, for people."""


async def namespace_id(client: Client) -> str:
    """The id that Temporal gave the namespace when it was made; another one of the same name has another.

    Raises:
        NotReady: the namespace cannot be asked.
    """
    request = DescribeNamespaceRequest(namespace=client.namespace)
    described = await _reached(client, client.workflow_service.describe_namespace(request))
    return described.namespace_info.id


async def read_mark(client: Client) -> NamespaceMark | None:
    """What stands in the namespace; None where nothing does.

    Raises:
        NotReady: the namespace cannot be asked.
    """
    try:
        found = await _reached(client, client.get_workflow_handle(MARKER).describe(), absent=True)
    except _Absent:
        return None
    if found.status is not WorkflowExecutionStatus.RUNNING:
        return None
    memo = await found.memo()
    return NamespaceMark(str(memo.get("installation", "")), str(memo.get("store", "unknown")))


async def set_mark(client: Client, mark: NamespaceMark, *, instead: bool = False) -> NamespaceMark:
    """NamespaceMark the namespace, unless it is marked; returns what stands there. ``instead`` replaces what does.

    Raises:
        NotReady: the namespace cannot be asked, or not be written to.
    """
    starting = client.start_workflow(
        _TYPE, id=MARKER, task_queue=MARKER, memo=mark._asdict(), static_summary=_SUMMARY, static_details=_DETAILS,
        id_conflict_policy=IdConflict.TERMINATE_EXISTING if instead else IdConflict.FAIL,
    )  # fmt: skip
    try:
        await _reached(client, starting)
    except WorkflowAlreadyStartedError:
        return await read_mark(client) or await set_mark(client, mark)
    return mark


async def has_working_deals(client: Client) -> bool:
    """Whether some worker has worked on deals here; those that nobody has looked at yet do not count.

    Raises:
        NotReady: the namespace cannot be asked.
    """
    query = f"WorkflowType = '{WORKFLOW_TYPE}' AND DealStage IS NOT NULL"
    return (await _reached(client, client.count_workflows(query))).count > 0


class _Absent(Exception):
    """There is no such workflow."""


async def _reached(client: Client, call: Awaitable[_T], *, absent: bool = False) -> _T:
    try:
        async with asyncio.timeout(_TIMEOUT.total_seconds()):
            return await call
    except (TimeoutError, RuntimeError) as error:  # the latter of a client that connects with its first call
        raise no_answer(address_of(client)) from error
    except RPCError as error:
        if error.status is RPCStatusCode.UNAVAILABLE:
            raise no_answer(address_of(client)) from error
        if absent and error.status is RPCStatusCode.NOT_FOUND:
            raise _Absent from error
        raise NotReady(
            f"Namespace {client.namespace!r} cannot be used ({error.message}, {error.status.name}): "
            "this account needs to see it, to list workflows in it and to start them"
        ) from error
