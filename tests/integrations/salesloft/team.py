"""A simulated Salesloft team as tests use it: whom deals enrol there, and what comes back of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from temporalio.exceptions import ApplicationError

from dealwright.deal import Contact, Deal, Person
from dealwright.effects import EnrolContact, Outcome, StopEnrolment
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from integrations.salesloft.enrolments import SalesloftEngagement
from integrations.salesloft.inbound import SalesloftWebhooks
from integrations.salesloft.polling import SalesloftPolling
from integrations.salesloft.settings import SalesloftConnection
from local.webhook_receiver import WebhookReceiver
from store import intake, mirror
from store.contact_tables import deal_contacts
from store.database import Store
from store.intake import Event, IntakeState
from tests.activities.conftest import Worker
from tests.store.samples import NOW

MAPPING = shipped_mappings()["salesloft"]
WELL = {
    "only": "", "lose_request": 0, "lose_response": 0, "bad_gateway": 0, "server_error": 0, "quota_spent": 0,
    "expire_token": 0, "clock_skew": 0, "subscription_disabled": False,
}  # fmt: skip
_MANY = 12
_LATER = timedelta(minutes=2)
_numbers = count(1)


def an_address() -> str:
    """One that no other test uses."""
    return f"ana{next(_numbers)}@buyer.example"


def an_enrolment(address: str, deal: str = "acme-1", name: str = "reach-out", **changes: object) -> EnrolContact:
    """What enrols a contact in the team's cadence."""
    id_ = f"{deal}/{name}/1/enrol/{address.partition('@')[0]}"
    made = EnrolContact(
        id=id_, at=NOW, summary="Enrol Ana in salesloft/42", enrolment=id_, tool="salesloft", sequence="42",
        to=Contact(id="ana", name="Ana Lopez", email=address), deal=Deal(id=deal),
        sender=Person(id="rep", name="Rita Rep", email="rep@seller.example"),
    )  # fmt: skip
    return made.model_copy(update=changes)


def its_end(enrolled: EnrolContact) -> StopEnrolment:
    """What takes them out again."""
    return StopEnrolment(
        id=f"{enrolled.id}.stopped", at=NOW, summary="Take Ana out of salesloft/42", enrolment=enrolled.enrolment,
        tool="salesloft", sequence=enrolled.sequence, address=enrolled.address, reason="they replied",
    )  # fmt: skip


async def until_settled(
    worker: Worker, cadences: SalesloftEngagement, effect: EnrolContact | StopEnrolment, reference: str | None = None
) -> Outcome:
    """Attempts as Temporal makes them, until one tells what became of the effect."""
    deal = effect.id.partition("/")[0]
    for number in range(_MANY):
        try:
            if isinstance(effect, EnrolContact):
                return await worker.attempt(effect, prepare=lambda: cadences.enrol(deal, effect), later=_LATER * number)
            return await worker.attempt(effect, prepare=lambda: cadences.stop(effect, reference), later=_LATER * number)
        except ApplicationError:
            continue
    raise AssertionError("nothing became of it")


class Team:
    """The team, and what gateway and worker make of it."""

    def __init__(
        self, running: RunningSimulator, door: WebhookReceiver, connection: SalesloftConnection, store: Store
    ) -> None:
        self.running, self._door, self.store = running, door, store
        self.source: Source = MAPPING.with_settings(connection.settings, connection.tables)
        self.polling = SalesloftPolling(connection, store)
        self.webhooks = SalesloftWebhooks(None)
        self.cursor: str | None = None
        self._taken = len(door.requests)

    async def add(self, address: str) -> str:
        """Somebody with this address stands in Salesloft."""
        await self.do("add_person", address, name="Ana Lopez")
        return address

    async def do(self, what: str, address: str, **more: object) -> dict[str, Any]:
        """What a person does there about somebody, or somebody themselves."""
        done: Any = await self.running.change(do=what, email=address, **more)
        return dict(done)

    async def memberships(self, address: str) -> list[dict[str, Any]]:
        """Those of somebody, over or not."""
        state: Any = await self.running.state()
        ids = [one["id"] for one in state["people"].values() if one["email"] == address]
        return [one for one in state["memberships"].values() if one["person"] in ids]

    async def requests(self) -> list[WebhookRequest]:
        """The webhooks that were sent since this was asked last."""
        await self.running.deliver()
        new, self._taken = self._door.requests[self._taken :], len(self._door.requests)
        return [request(headers, body) for headers, body in new]

    async def told(self) -> list[Event]:
        """What webhooks bring to deals, as the gateway reads them."""
        found: list[Event] = []
        for one in await self.requests():
            found += (await self.webhooks(one, self.source, self.store)).kept
        return _passed_on(found)

    async def begin_to_read(self) -> None:
        """The first reading, which tells nothing."""
        self.cursor = (await self.polling.poll(None)).cursor

    async def read(self) -> list[Event]:
        """What a whole reading brings to deals, as the worker keeps it."""
        found: list[Event] = []
        more = True
        while more:
            polled = await self.polling.poll(self.cursor)
            await intake.add(self.store, polled.events)
            for one in polled.seen:
                await mirror.note(self.store, "salesloft", one.object_id, one.values, one.at)
            found += polled.events
            self.cursor, more = polled.cursor, polled.more
        return _passed_on(found)

    async def close(self) -> None:
        await self.polling.close()

    async def is_known_to(self, address: str, *deals: str) -> None:
        """These deals have somebody with the address among their contacts."""
        async with self.store.writing() as writing:
            for deal in deals:
                row = {"deal_id": deal, "address": address}
                await writing.execute(self.store.insert_new(deal_contacts), row)


def request(headers: Mapping[str, str], body: bytes) -> WebhookRequest:
    """A webhook as the gateway gets it."""
    return WebhookRequest("POST", "https://deals.example/webhooks/salesloft", headers, body, {})


def _passed_on(events: list[Event]) -> list[Event]:
    return [one for one in events if one.state is IntakeState.WAITING]


def facts(events: list[Event]) -> list[str]:
    """What they tell, in order."""
    return [one.fact for one in events]
