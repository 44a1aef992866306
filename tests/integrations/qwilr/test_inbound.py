"""What happens to pages in Qwilr: told by unsigned webhooks, found by reading, and told to the deal once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dealwright.effects import SendDocument
from integrations.kit.mapping.events import events_after_fetch, events_in
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.kit.simulator.process import RunningSimulator
from integrations.qwilr.changes import Known, changes_of
from integrations.qwilr.client import QwilrClient
from integrations.qwilr.documents import QwilrDocuments
from integrations.qwilr.fetcher import QwilrFetcher
from integrations.qwilr.pages import Page, PageList
from integrations.qwilr.polling import QwilrPolling
from integrations.qwilr.settings import QwilrConnection
from integrations.registry import shipped_mappings
from local.webhook_receiver import WebhookReceiver
from store import intake, mirror
from store.database import Store
from store.intake import Event, IntakeState
from tests.activities.conftest import Worker
from tests.integrations.documents.desk import until_settled
from tests.integrations.documents.effects import a_contract, a_proposal, taken_back

MAPPING = shipped_mappings()["qwilr"]
SAMPLE = Path(__file__).parent / "samples" / "page_accepted.json"
EVERY_EVENT = {
    "pageFirstViewed", "pageViewed", "pagePartiallyAccepted", "pageAccepted", "pageSetLive", "pageRevivedLive",
}  # fmt: skip


def request(body: bytes, secret: str = "") -> WebhookRequest:
    return WebhookRequest("POST", "https://deals.example/webhooks/qwilr", {}, body, {}, path_secret=secret)


@dataclass
class Account:
    """An account, and what its webhooks and the reading beside them bring, kept as worker and gateway keep it."""

    running: RunningSimulator
    door: WebhookReceiver
    store: Store
    documents: QwilrDocuments
    worker: Worker
    fetcher: QwilrFetcher
    polling: QwilrPolling
    ahead: timedelta = timedelta()
    cursor: str | None = None
    kept: dict[str, Event] = field(default_factory=dict)

    async def sent(self, effect: SendDocument) -> str:
        """A page that can be opened."""
        page = str((await until_settled(self.worker, self.documents, effect)).reference)
        await self.hear(page)
        return page

    async def do(self, what: str, page: str, **more: object) -> None:
        """What somebody does with a page, and its webhooks."""
        await self.running.change(do=what, page=page, **more)
        await self.hear(page)

    async def hear(self, page: str) -> None:
        """Take in the webhooks of a page."""
        before = len(self.door.requests)
        await self.running.deliver()
        for _, body in self.door.requests[before:]:
            if page.encode() in body:
                await self.take(body)

    async def take(self, body: bytes) -> None:
        """Take in a webhook."""
        for hint in events_in(Source(MAPPING), request(body), datetime.now(UTC)):
            fetched = await self.fetcher.fetch(hint.payload["what"])
            if fetched is not None:
                await self._keep(events_after_fetch(Source(MAPPING), hint, fetched))

    async def look(self) -> None:
        """Read all pages once."""
        more = True
        while more:
            page = await self.polling.poll(self.cursor)
            await self._keep(page.events)
            for one in page.seen:
                await mirror.note(self.store, "qwilr", one.object_id, one.values, one.at)
            self.cursor, more = page.cursor, page.more

    def facts(self, page: str) -> list[str]:
        """What the deal is told of a page, in order."""
        told = [one for one in self.kept.values() if one.state is IntakeState.WAITING]
        return [one.fact for one in told if page in one.event_id]

    async def _keep(self, events: Any) -> None:
        await intake.add(self.store, list(events))
        for one in events:
            self.kept.setdefault(one.event_id, one)


@pytest.fixture
async def account(
    qwilr: RunningSimulator, gateway_door: WebhookReceiver, store: Store, documents: QwilrDocuments, worker: Worker,
    connection: QwilrConnection,
) -> AsyncIterator[Account]:  # fmt: skip
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    polling = QwilrPolling(connection, store, lambda: datetime.now(UTC) + made.ahead)
    fetcher = QwilrFetcher(connection, store, lambda: begins + made.ahead)
    made = Account(qwilr, gateway_door, store, documents, worker, fetcher, polling)
    yield made
    await made.fetcher.close()
    await polling.close()


async def test_a_webhook_is_let_in_by_the_secret_in_its_address_alone() -> None:
    verifier = verifier_for("qwilr", MAPPING.auth, ["a-long-secret"])
    await verifier.check(request(b"{}", "a-long-secret"), datetime.now(UTC))
    for wrong in ("", "another"):
        with pytest.raises(InvalidSignature):
            await verifier.check(request(b"{}", wrong), datetime.now(UTC))


async def test_what_a_webhook_says_of_a_page_that_is_not_there_counts_nothing(account: Account) -> None:
    await account.take(SAMPLE.read_bytes())

    assert account.kept == {}


async def test_a_webhook_cannot_have_a_page_accepted_that_is_not(account: Account) -> None:
    page = await account.sent(a_proposal("forged", "qwilr"))

    await account.take(SAMPLE.read_bytes().replace(b"6ee0f841f3cc8900090d82dc", page.encode()))

    assert account.facts(page) == []


@pytest.mark.parametrize("body", [b'{"event": "pageAccepted"}', b'{"page": 7}', b"[]", b'{"page": {"id": ""}}'])
async def test_a_webhook_that_names_no_page_is_kept_and_tells_nothing(account: Account, body: bytes) -> None:
    for hint in events_in(Source(MAPPING), request(body), datetime.now(UTC)):
        assert await account.fetcher.fetch(hint.payload.get("what")) is None


@pytest.mark.parametrize("closed", [True, False])
async def test_what_we_did_is_no_news_either_where_it_is_read_hours_later(account: Account, closed: bool) -> None:
    effect = a_proposal(f"echo-late-{closed}", "qwilr")
    page = await account.sent(effect)
    await account.look()
    if closed:
        await until_settled(account.worker, account.documents, taken_back(effect, page))
    account.ahead = timedelta(hours=2)
    await account.look()

    assert account.facts(page) == []


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (("view", "accept"), ["proposal_opened", "proposal_accepted"]),
        (("view", "view"), ["proposal_opened"]),
        (("rehearse",), []),
    ],
)
async def test_what_webhooks_tell_of_a_proposal_reaches_its_deal_once(
    account: Account, done: tuple[str, ...], told: list[str]
) -> None:
    page = await account.sent(a_proposal(f"told-{'-'.join(done)}", "qwilr"))
    for what in done:
        await account.do(what, page)
    await account.look()

    assert account.facts(page) == told
    of_it = [one for one in account.kept.values() if one.fact in told and page in one.event_id]
    assert {(one.deal_ref, one.payload.get("proposal")) for one in of_it} <= {("acme-1", page)}


async def test_who_comes_back_an_hour_later_has_opened_it_once_more(account: Account) -> None:
    page = await account.sent(a_proposal("visits", "qwilr"))
    await account.do("view", page)
    account.ahead = timedelta(hours=1)
    await account.do("view", page)

    assert account.facts(page) == ["proposal_opened", "proposal_opened"]


@pytest.mark.parametrize(
    ("done", "told"),
    [("decline", "proposal_declined"), ("disable", "proposal_withdrawn"), ("delete", "proposal_withdrawn")],
)
async def test_what_no_webhook_tells_is_found_by_reading(account: Account, done: str, told: str) -> None:
    page = await account.sent(a_proposal(f"found-{done}", "qwilr"))
    await account.do(done, page)
    heard = account.facts(page)

    await account.look()
    await account.look()

    assert (heard, account.facts(page)) == ([], [told])


async def test_a_deleted_contract_is_withdrawn_from_the_deal_that_it_was_of(account: Account) -> None:
    page = await account.sent(a_contract("deleted", "qwilr"))
    await account.do("delete", page)
    await account.look()

    (gone,) = [one for one in account.kept.values() if page in one.event_id]
    assert (gone.fact, gone.deal_ref, gone.payload["how"]) == ("contract_withdrawn", "acme-1", "voided")


async def test_a_page_that_expires_in_silence_is_found_and_no_buyer_has_declined_it(account: Account) -> None:
    page = await account.sent(a_proposal("silent", "qwilr", expires_after=timedelta(days=30)))
    await account.look()
    account.ahead = timedelta(days=31)
    await account.running.switch(clock_skew=account.ahead.total_seconds())

    await account.hear(page)
    heard = account.facts(page)
    await account.look()

    assert (heard, account.facts(page)) == ([], ["proposal_expired"])


async def test_one_that_somebody_declines_before_its_days_are_over_has_not_expired(account: Account) -> None:
    page = await account.sent(a_proposal("early", "qwilr", expires_after=timedelta(days=30)))
    await account.do("decline", page)
    await account.look()

    assert account.facts(page) == ["proposal_declined"]


async def test_one_that_is_set_live_again_can_expire_again(account: Account) -> None:
    page = await account.sent(a_proposal("revived", "qwilr"))
    await account.do("decline", page)
    await account.look()
    account.ahead = timedelta(hours=2)
    await account.running.switch(clock_skew=account.ahead.total_seconds())
    await account.running.change(do="set_live", page=page)
    await account.look()
    await account.do("decline", page)
    await account.look()

    assert account.facts(page) == ["proposal_declined", "proposal_sent", "proposal_declined"]


async def test_of_two_who_accept_the_first_has_signed_and_both_ways_say_so_once(account: Account) -> None:
    page = await account.sent(a_proposal("two", "qwilr"))
    await account.do("accept", page, email="ana@buyer.example", of=2)
    await account.look()
    await account.do("accept", page, email="bo@buyer.example", of=2)
    await account.look()

    signed = [one.payload["address"] for one in account.kept.values() if one.fact == "proposal_signed"]
    assert account.facts(page) == ["proposal_signed", "proposal_signed", "proposal_accepted"]
    assert signed == ["ana@buyer.example", "bo@buyer.example"]


async def test_a_signed_contract_tells_its_days_and_amount_also_where_its_webhook_was_lost(account: Account) -> None:
    page = await account.sent(a_contract("signed", "qwilr"))
    await account.running.change(do="accept", page=page)

    await account.look()
    await account.hear(page)

    (signed,) = [one for one in account.kept.values() if one.fact == "contract_signed" and page in one.event_id]
    assert (signed.payload["starts_on"], signed.payload["ends_on"]) == ("2026-04-01", "2027-03-31")
    assert signed.payload["value"] == {"amount": "9000", "currency": "EUR"}


async def test_the_first_reading_of_an_account_tells_nothing_of_pages_that_were_there(account: Account) -> None:
    page = await account.sent(a_proposal("there-before", "qwilr"))
    await mirror.forget(account.store, "qwilr", f"document:{page}")

    await account.look()

    assert account.facts(page) == []


async def test_subscriptions_that_are_gone_are_seen_and_made_anew(
    qwilr: RunningSimulator, account: Account, connection: QwilrConnection
) -> None:
    well = [one.level for one in await account.polling.health()]
    await qwilr.change(do="unsubscribe")
    seen = [one.level for one in await account.polling.health()]
    await account.polling.repair()
    again = await account.polling.repair()

    state: Any = await qwilr.state()
    made = [(one["event"], one["url"]) for one in state["subscriptions"].values()]
    assert (well, seen, again) == (["ok", "ok"], ["ok", "problem"], [])
    assert sorted(made) == sorted((event, connection.webhook_url) for event in EVERY_EVENT)


async def test_subscriptions_to_a_secret_that_holds_no_longer_are_deleted(
    qwilr: RunningSimulator, account: Account, connection: QwilrConnection, store: Store
) -> None:
    url = (connection.webhook_url or "").rpartition("/")[0] + "/a-new-secret"
    changed = connection.model_copy(
        update={"webhook_url": url, "webhook_secrets": (type(connection.key)("a-new-secret"),)}
    )
    moved = QwilrPolling(changed, store)
    await moved.repair()
    await moved.close()

    state: Any = await qwilr.state()
    assert {one["url"] for one in state["subscriptions"].values()} == {url}
    await account.polling.repair()


async def test_subscriptions_that_qwilr_shows_otherwise_are_not_made_again_and_again(
    qwilr: RunningSimulator, account: Account, connection: QwilrConnection, store: Store
) -> None:
    elsewhere = (connection.webhook_url or "").replace("/hook/", "/shown-otherwise/")
    shown = QwilrPolling(connection.model_copy(update={"webhook_url": elsewhere}), store)
    client = QwilrClient(connection, store)
    await qwilr.change(do="unsubscribe")
    for event in 3 * sorted(EVERY_EVENT):
        await client.subscribe(event, str(connection.webhook_url))

    found = await shown.repair()
    after = await client.subscriptions()
    await shown.close()
    await client.close()
    await qwilr.change(do="unsubscribe")
    await account.polling.repair()

    assert ({one.level for one in found}, len(after)) == ({"problem"}, 3 * len(EVERY_EVENT))


@pytest.mark.parametrize(
    "odd",
    [
        {"acceptance": ["ana"]}, {"acceptance": {"accepters": {"email": 7}}}, {"expiry": 30}, {"links": "https://x"},
        {"metadata": [1]}, {"tags": None}, {"acceptance": {"accepters": [{"acceptedAt": "soon"}]}},
    ],
)  # fmt: skip
def test_a_page_that_is_shown_otherwise_than_was_thought_still_tells_how_it_stands(odd: dict[str, Any]) -> None:
    page = Page.model_validate({"id": "p-1", "status": "accepted", **odd})

    changes = changes_of(page, Known(status="live"), datetime.now(UTC))

    assert [one.change for one in changes] == ["completed"]


def test_a_page_that_cannot_be_read_keeps_no_other_of_a_list_from_being_read() -> None:
    read = PageList.model_validate({"data": [{"id": 7}, "page", {"id": "p-1", "status": "live"}], "nextCursor": "c"})

    assert ([one.id for one in read.pages], read.next_cursor) == (["p-1"], "c")
