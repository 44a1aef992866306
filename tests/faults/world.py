"""A small world for faults: a namespace, a database and a mail server, and processes that work in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from activities.once_only import Checkpoint
from dealwright.client.deal_client import DealClient
from dealwright.client.errors import TemporalAway
from dealwright.decision import SEARCH_ATTRIBUTES
from dealwright.entries import EffectSettled, Entry
from dealwright.identity import workflow_id
from dealwright.views.snapshot import Snapshot
from local.mailbox import ReceivedMail
from local.server.namespace import ensure_namespace
from runtime.plugin import deals_plugin
from store import bundles, ledger, schema
from store.database import Store, driver_url
from store.ledger import LedgerRow
from tests.faults.processes import Forked, forked
from tests.faults.worker_process import ProcessOptions, serve, work
from tests.simulators.mailbox_server import MailServer
from tests.store.databases import connected, migrated

_PATIENCE = 180
_LOOK_EVERY = 0.05


def three_letters(hours: str) -> dict[str, str]:
    """A playbook that sends three letters, a day apart, within the given hours."""
    letters = {f"templates/{name}.md": _LETTER.replace("NAME", name) for name in ("one", "two", "three")}
    return {"playbook.yaml": _THREE_LETTERS.replace("HOURS", hours), **letters}


_LETTER = """Subject: Message NAME

Hello {{ contact.name }}.

{{ unsubscribe_url }}
"""
_THREE_LETTERS = """
playbook: letters
calendar: {hours: "HOURS"}
roles:
  rep: {title: Whoever sells}
ends:
  - {when: deal_lost, as: lost}
stages:
  - name: talking
    owner: rep
    leave_when: contract_signed
    stalls_after: 400d
    plays:
      - name: cadence
        on: lead_qualified
        until: [reply_received, opted_out]
        steps:
          - {email: one}
          - {after: 1d, email: two}
          - {after: 1d, email: three}
"""


@dataclass(frozen=True)
class World:
    """What a test of faults needs. Every deal has a clock of its own, which stands until it is moved on."""

    client: Client
    deals: DealClient
    skipper: TimeSkipper
    store: Store
    mail: MailServer
    folder: Path
    environment: Mapping[str, str]
    """As an installation has it."""
    started: list[Forked] = field(default_factory=list)
    """All its processes so far."""

    def worker(self, *, killed_at: Checkpoint | None = None, **environment: str) -> AbstractAsyncContextManager[Forked]:
        """A worker's process; the first message that comes to ``killed_at`` is its end."""
        failpoint = None
        if killed_at is not None:
            failpoint = self.folder / f"failpoint-{uuid4().hex[:6]}"
            failpoint.write_text(killed_at)
        return self._start(work, "worker.log", environment, failpoint)

    def gateway(self, **environment: str) -> AbstractAsyncContextManager[Forked]:
        """A gateway's process."""
        return self._start(serve, "gateway.log", environment)

    @asynccontextmanager
    async def _start(
        self,
        does: Callable[[ProcessOptions], None],
        log: str,
        environment: Mapping[str, str],
        failpoint: Path | None = None,
    ) -> AsyncIterator[Forked]:
        orders = ProcessOptions({**self.environment, **environment}, self.folder / log, failpoint)
        async with forked(does, orders) as process:
            self.started.append(process)
            yield process

    async def open(self, playbook: str = "letters", **about: object) -> str:
        """Open a deal, with a contact who can be written to."""
        deal_id = f"deal-{uuid4().hex[:12]}"
        contact = {"id": "ada", "name": "Ada Berg", "email": f"ada@{deal_id}.example", "timezone": "Europe/Berlin"}
        about = {"id": deal_id, "contacts": [contact], **about}
        await self.deals.open(about, playbook, until_decided=timedelta())
        return deal_id

    def run_of(self, deal_id: str) -> WorkflowHandle[object, object]:
        """The deal's workflow."""
        return self.client.get_workflow_handle(workflow_id(deal_id))

    async def now(self, deal_id: str) -> datetime:
        """The time on the deal's clock."""
        return await self.skipper.get_current_time(self.run_of(deal_id))

    async def pass_time(self, deal_id: str, duration: timedelta) -> None:
        """Let time pass for one deal."""
        await self.skipper.fast_forward(self.run_of(deal_id), duration)

    async def pass_time_until(self, deal_id: str, moment: datetime) -> None:
        """Let time pass for one deal until a moment of its own time."""
        await self.pass_time(deal_id, moment - await self.now(deal_id))

    async def see(self, deal_id: str, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        """Where the deal stands, as soon as it is as wanted."""
        async with self._patience():
            while True:
                try:
                    seen = await self.deals.snapshot(deal_id)
                except TemporalAway:
                    continue
                if wanted(seen):
                    return seen
                await asyncio.sleep(_LOOK_EVERY)

    async def settled(self, deal_id: str, effect: str) -> EffectSettled:
        """What became of an effect, as soon as the deal knows."""
        async with self._patience():
            while True:
                for entry in await self._story(deal_id):
                    if isinstance(entry, EffectSettled) and entry.effect == effect:
                        return entry
                await asyncio.sleep(_LOOK_EVERY)

    @asynccontextmanager
    async def _patience(self) -> AsyncIterator[None]:
        """Time for what processes are to bring about; where it does not come, those that run say where they stand."""
        try:
            async with asyncio.timeout(_PATIENCE):
                yield
        except TimeoutError:
            told = [await process.tell() for process in self.started if process.alive] or ["No process runs."]
            raise AssertionError("\n\n".join(told)) from None

    async def _story(self, deal_id: str) -> tuple[Entry, ...]:
        try:
            return await self.deals.story(deal_id)
        except TemporalAway:
            return ()

    def letters(self, deal_id: str) -> list[ReceivedMail]:
        """What the deal's contact received."""
        return [letter for letter in self.mail.messages() if f"ada@{deal_id}.example" in letter.recipients]

    async def emails(self, deal_id: str) -> dict[str, LedgerRow]:
        """The deal's messages as they stand in the ledger, by their effects."""
        return {row.effect_id: row for row in await ledger.of_deal(self.store, deal_id) if row.kind == "send_email"}


@asynccontextmanager
async def a_world(address: str, database_url: str, mail: MailServer, folder: Path) -> AsyncIterator[World]:
    """A world with a namespace of its own, which no other worker polls."""
    namespace = f"faults-{uuid4().hex[:8]}"
    await ensure_namespace(address, namespace, SEARCH_ATTRIBUTES, patience=timedelta(minutes=2))
    client = await Client.connect(address, namespace=namespace, plugins=[deals_plugin()])
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    store = Store.open(database_url)
    environment = {
        "TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": namespace, "DATABASE_URL": database_url,
        "DEALWRIGHT_SMTP_HOST": mail.host, "DEALWRIGHT_SMTP_PORT": str(mail.port), "DEALWRIGHT_DRAIN_SECONDS": "0",
    }  # fmt: skip
    try:
        await bundles.publish(store, "letters", three_letters("Mon-Sun 00:00-24:00"))
        await bundles.publish(store, "daytime-letters", three_letters("Mon-Sun 09:00-17:00"))
        deals = DealClient(skipper.client, timedelta(seconds=30))
        yield World(client, deals, skipper, store, mail, folder, environment)
    finally:
        await store.close()


def a_database(kind: str, folder: Path, postgres: str = "") -> str:
    """The address of a new, migrated database for a world of its own; one of ``postgres``, or a file."""
    if kind == "sqlite":
        return migrated(folder)
    name = f"faults_{uuid4().hex[:8]}"
    engine = create_engine(driver_url(postgres), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    url = make_url(postgres).set(database=name).render_as_string(hide_password=False)
    with connected(url) as connection:
        schema.migrate(connection)
    return url
