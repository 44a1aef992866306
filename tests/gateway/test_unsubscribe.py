from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dealwright.client.deal_client import DealClient
from gateway.routes.unsubscribe import SOURCE
from store import intake, ledger, suppression, unsubscribe
from store.database import Store
from store.errors import StoreAway
from store.ledger import Claim
from tests.gateway.conftest import StartGateway

EFFECT = "acme/cold-cadence/2/1/1"
AT = datetime(2027, 3, 1, 9, tzinfo=UTC)


async def link_of(store: Store) -> str:
    """The link of a message that went to Ada."""
    claim = Claim(
        effect_id=EFFECT, deal_id="acme", kind="send_email", token="t", at=AT,
        contact="ada", recipient="Ada@acme.example",
    )  # fmt: skip
    async with store.writing() as connection:
        await ledger.claim(store, connection, claim)
    return f"/unsubscribe/{unsubscribe.token_for(EFFECT, await unsubscribe.secret(store))}"


async def test_following_the_link_only_asks(start_gateway: StartGateway, away: DealClient, store: Store) -> None:
    api = await start_gateway(away)
    page = await api.get(await link_of(store))
    assert page.status_code == 200
    assert "Ada@acme.example" in page.text
    assert "<button>Unsubscribe</button>" in page.text
    assert await suppression.suppressed(store, "ada@acme.example") is None


async def test_the_button_suppresses_the_address_at_once(
    start_gateway: StartGateway, away: DealClient, store: Store
) -> None:
    api = await start_gateway(away)
    answer = await api.post(await link_of(store), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert await suppression.suppressed(store, "ada@acme.example") is not None


async def test_the_deal_is_told_once_however_often_the_button_is_pressed(
    start_gateway: StartGateway, away: DealClient, store: Store
) -> None:
    api = await start_gateway(away)
    link = await link_of(store)
    await api.post(link)
    await api.post(link)
    rows = [row for row in await intake.recent(store) if row.source == SOURCE]
    assert [(row.deal_ref, row.fact, row.payload["contact"]) for row in rows] == [("acme", "opted_out", "ada")]


async def test_the_deal_is_told_which_address_opted_out(
    start_gateway: StartGateway, away: DealClient, store: Store
) -> None:
    api = await start_gateway(away)
    await api.post(await link_of(store))
    (row,) = [row for row in await intake.recent(store) if row.source == SOURCE]
    assert row.payload["address"] == "Ada@acme.example"


async def test_a_link_that_was_not_signed_here_is_refused(
    start_gateway: StartGateway, away: DealClient, store: Store
) -> None:
    api = await start_gateway(away)
    named, _, signed = (await link_of(store)).rpartition(".")
    forged = f"{named}.{'A' if signed[0] != 'A' else 'B'}{signed[1:]}"
    assert (await api.get(forged)).status_code == 404
    assert (await api.post("/unsubscribe/nonsense")).status_code == 404


async def test_no_key_is_needed(start_gateway: StartGateway, away: DealClient, store: Store) -> None:
    api = await start_gateway(away)
    assert (await api.get(await link_of(store), headers={"X-API-Key": ""})).status_code == 200


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("token", ["nonsense", "a" * 3000, "%00", "a.b"])
async def test_a_browser_is_shown_a_page_for_a_broken_link(
    start_gateway: StartGateway, away: DealClient, token: str
) -> None:
    api = await start_gateway(away)
    for answer in (
        await api.get(f"/unsubscribe/{token}", headers=BROWSER),
        await api.post(f"/unsubscribe/{token}", headers=BROWSER),
    ):
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "copy all of it from the message" in answer.text


async def test_a_browser_is_shown_a_page_while_the_database_is_away(
    start_gateway: StartGateway, away: DealClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await start_gateway(away)
    link = await link_of(store)

    async def none(_store: Store, _token: str) -> None:
        raise StoreAway(OSError("no database"))

    monkeypatch.setattr(unsubscribe, "message_of", none)
    answer = await api.post(link, headers=BROWSER)
    assert answer.status_code == 503
    assert "try again in a few minutes" in answer.text
    assert (await api.post(link)).headers["Content-Type"] == "application/problem+json"


async def test_an_address_cannot_change_the_direction_of_the_page(
    start_gateway: StartGateway, away: DealClient, store: Store
) -> None:
    api = await start_gateway(away)
    page = await api.get(await link_of(store), headers=BROWSER)
    assert "<bdi>Ada@acme.example</bdi>" in page.text
