"""DealClient: how another service opens deals, tells them facts, gives them commands, and reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import timedelta
from typing import Self, TypeVar
from uuid import uuid4

from pydantic import TypeAdapter
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Interceptor, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from dealwright.client.checked_fact import CheckedFact
from dealwright.client.connecting import connected
from dealwright.client.converter import check_converter
from dealwright.client.errors import CommandIdReused, DealExists, DealFinished, DealNotLetIn, NoSuchDeal, TemporalAway
from dealwright.client.listing import DealStatus, FoundDeals, found, query_for
from dealwright.client.opening import UNTIL_DECIDED, DealStarter, OpenedDeal, first_decision, opened_as
from dealwright.client.rpc import within
from dealwright.client.update_call import Asking, Run
from dealwright.commands import Command
from dealwright.deal import Deal
from dealwright.decision import Verdict
from dealwright.entries import Entry
from dealwright.facts import Fact
from dealwright.identity import DEFAULT_PLAYBOOK, TASK_QUEUE, workflow_id
from dealwright.validation.opening import admit, content_hash
from dealwright.views.snapshot import AgendaItem, Snapshot

_AGENDA: TypeAdapter[tuple[AgendaItem, ...]] = TypeAdapter(tuple[AgendaItem, ...])
_STORY: TypeAdapter[tuple[Entry, ...]] = TypeAdapter(tuple[Entry, ...])
T = TypeVar("T")
_WAIT = timedelta(seconds=10)


class DealClient:
    """Deals, from another program. Safe to share between tasks; holds nothing but the connection.

    Every call may be made again: opening, facts and commands have ids, and what was done once is not done twice.
    Each bounds its own wait (``wait``, wall clock) and may raise :class:`TemporalAway`.
    """

    def __init__(self, client: Client, wait: timedelta = _WAIT, *, task_queue: str = TASK_QUEUE) -> None:
        """Reach deals by a client that is there; they live in its namespace.

        It writes plain JSON, as the SDK's own data converter and pydantic's do; a codec of its own has to be the
        worker's too. Each call may take as long as ``wait`` (wall clock). The deals' worker listens on ``task_queue``.

        Raises:
            WrongConverter: the client's data converter writes something else than JSON.
        """
        check_converter(client.data_converter)
        self.temporal = client
        self._wait = wait.total_seconds()
        self._starter = DealStarter(client, task_queue)

    @classmethod
    async def connect(
        cls,
        wait: timedelta = _WAIT,
        *,
        namespace: str | None = None,
        task_queue: str = TASK_QUEUE,
        data_converter: DataConverter = pydantic_data_converter,
        interceptors: Sequence[Interceptor] = (),
    ) -> Self:
        """Connect as Temporal's standard variables and profiles say; the namespace is ``deals`` unless they do.

        A program that ends right after its last call waits a moment first (``await asyncio.sleep(0.05)``): the
        SDK's threads may otherwise crash the interpreter at its exit.

        ``namespace`` goes before what the variables say; everything else is as for a client that is handed in.

        Raises:
            WrongConnection: a variable or a profile cannot be used.
            WrongConverter: the data converter writes something else than JSON.
            TemporalAway: the server cannot be reached.
        """
        return cls(await connected(wait, namespace, data_converter, interceptors), wait, task_queue=task_queue)

    async def open(
        self,
        deal: Deal | Mapping[str, object],
        playbook: str = DEFAULT_PLAYBOOK,
        *,
        until_decided: timedelta = UNTIL_DECIDED,
    ) -> OpenedDeal:
        """Open a deal. When it runs already with the same content, that one is returned.

        What is wrong with a deal itself is told at once. Whether there is a playbook of that name, or was an earlier
        deal of that id, is only known where the deal is decided: that is waited for as long as ``until_decided``,
        and ``let_in`` says whether it is known.

        Raises:
            BadDeal: each problem with its path and remedy.
            DealNotLetIn: the deal has decided not to begin, and why.
            DealExists: the id is taken by a deal with other content.
            DealFinished: the id belonged to a deal whose life is over.
        """
        admitted = admit(deal)
        try:
            handle = await within(self._wait, self._starter.start(admitted, playbook))
            opened = OpenedDeal(admitted.id, handle.first_execution_run_id, opened_now=True)
        except WorkflowAlreadyStartedError:
            opened = await self._already_open(admitted, playbook)
        first = await first_decision(lambda: self.snapshot(admitted.id), until_decided)
        if first is not None and first.outcome == "refused":
            raise DealNotLetIn(admitted.id, first.reason or "")
        return opened._replace(let_in=first is not None)

    async def record(self, deal_id: str, fact: Fact | CheckedFact) -> str:
        """Tell a deal a fact; returns the fact's id, which is made up here if it has none.

        It is checked here, unless it was when it came in.

        After :class:`TemporalAway`, tell it again under the same id (``error.attempt``): it counts once.

        Raises:
            BadDeal: what the fact teaches cannot be let in.
            NoSuchDeal: open it first.
            DealFinished: the deal's life is over.
        """
        checked = CheckedFact.of(fact)
        handle = self._run(deal_id)
        try:
            await self._reach(deal_id, handle.signal(checked.name, checked.payload), checked.id)
        except DealFinished:
            if not checked.content().is_for_a_person or not await self._ended_well(deal_id):
                raise
            await self.go_on(deal_id, checked)
        return checked.id

    async def go_on(self, deal_id: str, fact: CheckedFact | None = None) -> None:
        """Start a run for a deal whose life is over: its story is told again from the journal, and goes on.

        It takes the fact, or the command that follows at once, and ends again unless that was ``reopen``. Which
        deals are finished the journal knows for good, Temporal for as long as its retention.

        Raises:
            TemporalAway: Temporal did not answer.
        """
        start = self._starter.start_after_the_end(deal_id, fact)
        await within(self._wait, start, fact.id if fact else None)

    async def _ended_well(self, deal_id: str) -> bool:
        run = await self._reach(deal_id, self._run(deal_id).describe())
        return run.status in {WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.CANCELED}

    async def record_or_open(
        self, deal: Deal | Mapping[str, object], fact: Fact, playbook: str = DEFAULT_PLAYBOOK
    ) -> str:
        """Tell a deal a fact, opening it first if it does not run; returns the fact's id.

        The content of a deal that runs already is not compared with ``deal``.

        Raises:
            BadDeal: the deal, or what the fact teaches, cannot be let in.
            DealFinished: the deal's life is over.
        """
        admitted, checked = admit(deal), CheckedFact.of(fact)
        try:
            await within(self._wait, self._starter.start(admitted, playbook, checked), checked.id)
        except WorkflowAlreadyStartedError as error:
            raise DealFinished(admitted.id) from error
        return checked.id

    async def command(
        self, deal_id: str, command: Command, *, command_id: str | None = None, wait: timedelta | None = None
    ) -> Verdict:
        """Give a deal a command, and wait for its verdict.

        A verdict that is not ``decided`` means: recorded, what becomes of it is still to come; the same call with
        the same ``command_id`` asks for it again. A verdict that is not ``accepted`` says why, and what to do.

        Raises:
            CommandRefused: the deal would not take it: its content is not valid.
            CommandIdReused: ``command_id`` is that of another command, or of this one with other content.
            NoSuchDeal: open it first.
            DealFinished: the deal's life is over.
        """
        if command.counts_after_the_end and not await self._runs(deal_id) and await self._ended_well(deal_id):
            await self.go_on(deal_id)
        asking = Asking(
            run=self._run(deal_id),
            is_running=lambda: self._runs(deal_id),
            deal_id=deal_id,
            command=command,
            id=command_id or str(uuid4()),
            end=asyncio.get_running_loop().time() + (wait.total_seconds() if wait else self._wait),
        )
        verdict = await asking.verdict()
        if command_id and await asking.is_about_another(surely=verdict.decided):
            raise CommandIdReused(deal_id, command_id)
        return verdict

    async def snapshot(self, deal_id: str) -> Snapshot:
        """Where the deal stands; of a finished deal too, as long as Temporal keeps its history.

        Raises:
            NoSuchDeal: open it first.
        """
        snapshot = Snapshot.model_validate(await self._query(deal_id, "snapshot"))
        return snapshot if snapshot.deal_id else snapshot.model_copy(update={"deal_id": deal_id})

    async def agenda(self, deal_id: str) -> tuple[AgendaItem, ...]:
        """What happens next, when, and why, the earliest first.

        Raises:
            NoSuchDeal: open it first.
        """
        return _AGENDA.validate_python(await self._query(deal_id, "agenda"))

    async def story(self, deal_id: str) -> tuple[Entry, ...]:
        """The entries of the deal's present run, the oldest first; the journal has all of them.

        Raises:
            NoSuchDeal: open it first.
        """
        return _STORY.validate_python(await self._query(deal_id, "story"))

    async def find(
        self,
        status: DealStatus = "open",
        *,
        stage: str | None = None,
        owner_role: str | None = None,
        needs_attention: bool | None = None,
        limit: int = 50,
        page: bytes | None = None,
    ) -> FoundDeals:
        """Deals by what their search attributes say, the newest first; ``page`` is ``next_page`` of the one before.

        Raises:
            TemporalRefused: the page's token is not one of this server's.
        """
        query = query_for(status, stage=stage, owner_role=owner_role, needs_attention=needs_attention)
        listing = self.temporal.list_workflows(query, page_size=limit, next_page_token=page)
        await within(self._wait, listing.fetch_next_page())
        return FoundDeals(deals=found(listing.current_page or ()), next_page=listing.next_page_token)

    async def is_open(self, deal_id: str) -> bool:
        """Whether a deal runs; False for one whose life is over.

        Raises:
            NoSuchDeal: nobody opened it, or Temporal has forgotten it since it finished.
        """
        return await self._runs(deal_id)

    async def check(self) -> None:
        """Make sure that the server answers and has the namespace.

        Raises:
            TemporalAway: what is wrong.
        """
        request = DescribeNamespaceRequest(namespace=self.temporal.namespace)
        await within(self._wait, self.temporal.workflow_service.describe_namespace(request))

    def _run(self, deal_id: str) -> Run:
        return self.temporal.get_workflow_handle(workflow_id(deal_id))

    async def _already_open(self, deal: Deal, playbook: str) -> OpenedDeal:
        run = await self._reach(deal.id, self._run(deal.id).describe())
        if run.status is not WorkflowExecutionStatus.RUNNING:
            raise DealFinished(deal.id)
        if await self._reach(deal.id, opened_as(self.temporal, self._run(deal.id))) != content_hash(deal, playbook):
            raise DealExists(deal.id)
        return OpenedDeal(deal.id, run.run_id, opened_now=False)

    async def _query(self, deal_id: str, name: str) -> object:
        return await self._reach(deal_id, self._run(deal_id).query(name))

    async def _reach(self, deal_id: str, call: Awaitable[T], attempt: str | None = None) -> T:
        try:
            return await within(self._wait, call, attempt)
        except RPCError as error:
            if await self._runs(deal_id):
                raise TemporalAway("the deal is between two runs", attempt) from error
            raise DealFinished(deal_id) from error

    async def _runs(self, deal_id: str) -> bool:
        try:
            run = await within(self._wait, self._run(deal_id).describe())
        except RPCError as error:
            raise NoSuchDeal(deal_id) from error
        return run.status is WorkflowExecutionStatus.RUNNING
