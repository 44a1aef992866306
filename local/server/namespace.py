"""Creates a namespace with its search attributes, and waits until both can be used."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Final, Literal, TypeAlias, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    DescribeWorkflowExecutionRequest,
    RegisterNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from local.server.errors import NamespaceUnusable

AttributeType: TypeAlias = Literal["Bool", "Datetime", "Double", "Int", "Keyword", "KeywordList", "Text"]
"""The types a search attribute may have, as the temporal CLI spells them."""

RETENTION = timedelta(days=30)
SETUP_TIMEOUT = timedelta(seconds=30)
RETRY_SECONDS = 0.03
CALL_TIMEOUT = timedelta(seconds=3)
"""A call that waits longer is asked again: a part of the server may just have moved."""
SYSTEM_NAMESPACE = "temporal-system"
"""Exists on every self-hosted server, so one can connect before the own namespace is there."""

_INDEXED_TYPES: Mapping[AttributeType, IndexedValueType.ValueType] = {
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "Double": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    "Text": IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
}
_STARTING: Final = frozenset(
    {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.RESOURCE_EXHAUSTED}
)
"""Answers of a server that is still starting."""
_NOT_SEEN_YET: Final = _STARTING | {RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT}
"""Answers of a server whose caches have not seen what was just made."""
_PROBE = "dealwright-readiness"
"""A workflow and a task queue that are asked about and never exist."""

_T = TypeVar("_T")


async def ensure_namespace(
    server: Client | str,
    namespace: str,
    search_attributes: Mapping[str, AttributeType],
    *,
    retention: timedelta = RETENTION,
    patience: timedelta = SETUP_TIMEOUT,
) -> None:
    """Make the namespace and its search attributes where they are missing, and wait until both can be used.

    May be called again, by several processes at once, and on a server that is only just starting. Search
    attributes that are there already are left alone; none is removed.

    Args:
        server: A client connected to any namespace, or `host:port` of a server without TLS.
        namespace: Its name.
        search_attributes: Name to type.
        retention: How long a closed workflow is kept. Applies to a new namespace only.
        patience: How long to wait for the server in all.

    Raises:
        NamespaceUnusable: Not allowed, no room for another attribute, one of another type is there already,
            or the server did not answer in time.
    """
    setup = _NamespaceSetup(namespace, search_attributes)
    try:
        async with asyncio.timeout(patience.total_seconds()):
            client = await setup.connect(server) if isinstance(server, str) else server
            await setup.register(client, retention)
            await setup.add_attributes(client)
            await setup.until_usable(client)
    except TimeoutError as error:
        raise NamespaceUnusable(
            f"Namespace {namespace} did not become usable within {patience.total_seconds():.0f} s. "
            f"The server's last answer: {setup.last_answer}"
        ) from error
    except RPCError as error:
        wanted = ", ".join(f"{name} ({kind})" for name, kind in search_attributes.items())
        raise NamespaceUnusable(
            f"Namespace {namespace} cannot be made ready: {error.message} ({error.status.name}). "
            f"Where this account may not do it, ask the server's operator for {namespace} with {wanted}"
        ) from error


class _NamespaceSetup:
    """The way from a server that may be starting to a namespace that works."""

    def __init__(self, namespace: str, attributes: Mapping[str, AttributeType]) -> None:
        self.last_answer = "none"
        self._namespace = namespace
        self._attributes = attributes

    async def connect(self, address: str) -> Client:
        while True:
            try:
                return await Client.connect(address, namespace=SYSTEM_NAMESPACE)
            except RuntimeError as error:  # the SDK's only error for a connection that fails
                self.last_answer = str(error)
            await asyncio.sleep(RETRY_SECONDS)

    async def register(self, client: Client, retention: timedelta) -> None:
        describe = DescribeNamespaceRequest(namespace=self._namespace)
        request = RegisterNamespaceRequest(namespace=self._namespace)
        request.workflow_execution_retention_period.FromTimedelta(retention)
        try:
            await self._retrying(lambda: client.workflow_service.describe_namespace(describe, timeout=CALL_TIMEOUT))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            with _already_there():
                await self._retrying(lambda: client.workflow_service.register_namespace(request, timeout=CALL_TIMEOUT))

    async def add_attributes(self, client: Client) -> None:
        listing = ListSearchAttributesRequest(namespace=self._namespace)
        present = await self._retrying(
            lambda: client.operator_service.list_search_attributes(listing, timeout=CALL_TIMEOUT), _NOT_SEEN_YET
        )
        missing = self._missing(present.custom_attributes)
        if not missing:
            return
        addition = AddSearchAttributesRequest(namespace=self._namespace, search_attributes=missing)
        with _already_there():
            await self._retrying(
                lambda: client.operator_service.add_search_attributes(addition, timeout=CALL_TIMEOUT),
                _STARTING | {RPCStatusCode.NOT_FOUND},
            )

    def _missing(self, present: Mapping[str, IndexedValueType.ValueType]) -> dict[str, IndexedValueType.ValueType]:
        for name, kind in self._attributes.items():
            there = present.get(name, _INDEXED_TYPES[kind])
            if there != _INDEXED_TYPES[kind]:
                raise NamespaceUnusable(
                    f"Search attribute {name} of namespace {self._namespace} is of type "
                    f"{IndexedValueType.Name(there)}, but {kind} is needed. Remove it "
                    "(temporal operator search-attribute remove) or use another namespace."
                )
        return {name: _INDEXED_TYPES[kind] for name, kind in self._attributes.items() if name not in present}

    async def until_usable(self, client: Client) -> None:
        """Ask each part that starting a workflow needs: attribute names, history shards, task queues."""
        named = " and ".join(f"{name} is null" for name in self._attributes)
        count = CountWorkflowExecutionsRequest(namespace=self._namespace, query=named)
        await self._retrying(
            lambda: client.workflow_service.count_workflow_executions(count, timeout=CALL_TIMEOUT), _NOT_SEEN_YET
        )
        absent = DescribeWorkflowExecutionRequest(
            namespace=self._namespace, execution=WorkflowExecution(workflow_id=_PROBE)
        )
        try:
            await self._retrying(
                lambda: client.workflow_service.describe_workflow_execution(absent, timeout=CALL_TIMEOUT)
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        queue = DescribeTaskQueueRequest(
            namespace=self._namespace,
            task_queue=TaskQueue(name=_PROBE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        await self._retrying(
            lambda: client.workflow_service.describe_task_queue(queue, timeout=CALL_TIMEOUT),
            _STARTING | {RPCStatusCode.NOT_FOUND},
        )

    async def _retrying(self, call: Callable[[], Awaitable[_T]], later: AbstractSet[RPCStatusCode] = _STARTING) -> _T:
        """Repeat the call while the answer is one that passes by itself."""
        while True:
            try:
                return await call()
            except RPCError as error:
                if error.status not in later:
                    raise
                self.last_answer = f"{error.message} ({error.status.name})"
            await asyncio.sleep(RETRY_SECONDS)


@contextlib.contextmanager
def _already_there() -> Iterator[None]:
    """Another process was faster: what was to be made is there."""
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
