"""Accounts of deals as Pipedrive's organizations: found or made once, put on the deal, and told from there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from dealwright.deal import Account
from integrations.kit.delivery import Delivery, Found
from integrations.kit.errors import NotHandedOver, Unanswered
from integrations.kit.mapping.events import events_after_fetch
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from integrations.pipedrive.crm import PipedriveCrm
from integrations.pipedrive.fetcher import PipedriveFetcher
from integrations.pipedrive.inbound import PipedriveWebhooks
from integrations.pipedrive.polling import PipedrivePolling
from integrations.pipedrive.settings import PipedriveConnection
from store import intake, links, mirror
from store.database import Store
from store.intake import Event, IntakeState
from tests.integrations.pipedrive.company import ORGANIZATION_KEY, WEBSITE, Company
from tests.integrations.pipedrive.test_crm import deliver, update
from tests.integrations.pipedrive.test_inbound import source


@pytest.fixture
async def connection(connection: PipedriveConnection, company: Company) -> PipedriveConnection:
    await company.simulator.change(do="add_field", kind="organization", code=WEBSITE, name="Web page")
    return connection.model_copy(update={"website_field": WEBSITE})


@pytest.fixture
async def crm(connection: PipedriveConnection, store: Store, company: Company) -> AsyncIterator[PipedriveCrm]:
    crm = PipedriveCrm(connection, store)
    yield crm
    await crm.close()


@pytest.fixture
def acme() -> Account:
    """An account that no other test knows."""
    name = uuid4().hex[:12]
    return Account(id=f"account-{name}", name=f"Acme {name}", domain=f"{name}.example")


def deal_id() -> str:
    return f"deal-{uuid4().hex[:12]}"


async def written(crm: PipedriveCrm, deal: str, account: Account) -> Delivery:
    return await crm.update_deal(deal, update(parts=("account",), account=account))


async def organization_of(company: Company, deal: str) -> dict[str, Any]:
    """The organization that stands on a deal."""
    id_ = (await company.deal_of(deal))["values"]["org_id"]
    (found,) = [one for one in await company.records("organization") if one["id"] == id_]
    return found


async def test_an_account_is_made_as_an_organization_and_put_on_the_deal(
    crm: PipedriveCrm, company: Company, acme: Account
) -> None:
    deal, another = deal_id(), deal_id()

    await deliver(await written(crm, deal, acme))
    await deliver(await written(crm, another, acme))

    made = await organization_of(company, deal)
    assert made["values"]["name"] == acme.name
    assert made["custom_fields"] == {ORGANIZATION_KEY: acme.id, WEBSITE: acme.domain}
    assert (await organization_of(company, another))["id"] == made["id"]


@pytest.mark.parametrize("website", ["https://www.{}/en", "{}"])
async def test_the_organization_with_the_accounts_website_is_the_account(
    crm: PipedriveCrm, company: Company, acme: Account, website: str
) -> None:
    web = {WEBSITE: website.format(acme.domain)}
    there = await company.create("organization", name="Acme, since 1999", custom_fields=web)
    await company.create("organization", name="Another", custom_fields={WEBSITE: f"not-{acme.domain}"})
    deal = deal_id()

    await deliver(await written(crm, deal, acme))

    found = await organization_of(company, deal)
    assert (found["id"], found["values"]["name"]) == (there, acme.name)
    assert found["custom_fields"] == {ORGANIZATION_KEY: acme.id, **web}


async def test_the_only_organization_of_that_name_is_the_account_unless_it_is_anothers(
    crm: PipedriveCrm, company: Company, acme: Account
) -> None:
    mine, namesake = deal_id(), deal_id()
    there = await company.create("organization", name=acme.name)
    await deliver(await written(crm, mine, acme))

    await deliver(await written(crm, namesake, Account(id=f"{acme.id}-2", name=acme.name)))

    assert (await organization_of(company, mine))["id"] == there
    assert (await organization_of(company, namesake))["id"] != there


async def test_of_several_organizations_of_one_name_none_is_taken(
    crm: PipedriveCrm, company: Company, acme: Account
) -> None:
    both = [await company.create("organization", name=acme.name) for _ in range(2)]
    deal = deal_id()

    await deliver(await written(crm, deal, acme))

    assert (await organization_of(company, deal))["id"] not in both


async def test_an_organization_that_was_made_without_an_answer_is_found(
    crm: PipedriveCrm, company: Company, acme: Account
) -> None:
    delivery = await written(crm, deal_id(), acme)
    making = next(part.delivery for part in delivery.before if part.name == "organization")
    await company.simulator.switch(lose_response=1)
    with pytest.raises(Unanswered):
        await making.send()

    assert making.find is not None
    assert isinstance(await making.find(), Found)
    assert len(await company.records("organization", name=acme.name)) == 1


async def test_of_two_deals_of_one_account_at_once_one_makes_the_organization(
    crm: PipedriveCrm, company: Company, acme: Account
) -> None:
    await company.simulator.switch(search_lag=60)  # nor does a search show it to the other one
    first, second = await written(crm, deal_id(), acme), await written(crm, other := deal_id(), acme)
    making, waiting = (next(p.delivery for p in one.before if p.name == "organization") for one in (first, second))
    made = await making.send()
    with pytest.raises(NotHandedOver, match="makes the organization"):
        await waiting.send()
    assert making.arrived is not None
    await making.arrived(made)

    await deliver(second)
    await company.simulator.switch(search_lag=0)

    assert f"organization:{(await organization_of(company, other))['id']}" == made
    assert len(await company.records("organization", name=acme.name)) == 1


async def test_an_account_that_is_renamed_here_is_renamed_there(
    crm: PipedriveCrm, company: Company, acme: Account
) -> None:
    deal = deal_id()
    await deliver(await written(crm, deal, acme))

    await deliver(await written(crm, deal, acme.model_copy(update={"name": "Acme Europe"})))

    assert (await organization_of(company, deal))["values"]["name"] == "Acme Europe"


async def test_an_organization_that_was_deleted_is_made_anew(
    crm: PipedriveCrm, company: Company, acme: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.pipedrive.organizations._MADE_BY_ONE", timedelta(0))  # it was long ago
    deal = deal_id()
    await deliver(await written(crm, deal, acme))
    gone = (await organization_of(company, deal))["id"]
    await company.simulator.change(do="delete", kind="organization", id=gone)

    await deliver(await written(crm, deal, acme))

    assert (await organization_of(company, deal))["id"] != gone


def change_of(kind: str, record: dict[str, Any], previous: dict[str, Any]) -> dict[str, Any]:
    """A webhook that says that somebody changed a record just now."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    meta = {
        "action": "change", "entity": kind, "entity_id": str(record["id"]), "id": uuid4().hex, "timestamp": now,
        "user_id": "14000002", "change_source": "app", "version": "2.0",
    }  # fmt: skip
    return {"meta": meta, "data": record, "previous": previous}


async def told(connection: PipedriveConnection, store: Store, body: dict[str, Any]) -> list[Event]:
    """What a webhook becomes once what it hints at has been looked up."""
    fetcher = PipedriveFetcher(connection, store)
    handler = PipedriveWebhooks(Connected(tool="pipedrive", connection=connection, store=store))
    request = WebhookRequest("POST", "https://x.example", {}, json.dumps(body).encode())
    found = list[Event]()
    for event in (await handler(request, source(), store)).events:
        found += [event] if event.fact != "fetch" else events_after_fetch(
            source(), event, await fetcher.fetch(event.payload["what"])
        )  # fmt: skip
    await fetcher.close()
    return found


async def _deal_with(company: Company, store: Store, **organization: Any) -> tuple[int, int]:
    """A linked deal, and its organization."""
    there = await company.create("organization", **organization)
    deal = await company.create("deal", title="Acme", org_id=there)
    await links.link(store, "pipedrive", f"deal:{deal}", f"pipedrive-{deal}")
    return deal, there


TIMES = {"add_time": "2026-11-25T09:00:00Z", "update_time": "2026-11-26T09:00:00Z"}


async def test_another_organization_on_a_deal_is_its_account(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    deal, there = await _deal_with(company, store, name="Acme", custom_fields={WEBSITE: "https://www.acme.example/"})
    record = {"id": deal, "org_id": there, **TIMES}

    (event,) = await told(connection, store, change_of("deal", record, {"org_id": None}))

    assert (event.fact, event.deal_ref) == ("crm_properties_changed", f"deal:{deal}")
    assert event.payload["account"] == {"id": f"pipedrive-{there}", "name": "Acme", "domain": "acme.example"}


async def test_a_deal_that_loses_its_organization_keeps_its_account(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    deal, _ = await _deal_with(company, store, name="Acme")
    await company.update("deal", deal, org_id=None)
    record = {"id": deal, "org_id": None, **TIMES}

    (event,) = await told(connection, store, change_of("deal", record, {"org_id": 5}))

    assert (event.state, event.last_error) == (IntakeState.SKIPPED, "a deal keeps the account that it has")


async def test_a_renamed_organization_is_told_to_its_deals_once(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    deal, there = await _deal_with(company, store, name="Acme Europe")
    await company.create("deal", title="Of nobody here", org_id=there)
    renamed = change_of("organization", {"id": there, "name": "Acme Europe", **TIMES}, {"name": "Acme"})
    moved = change_of("organization", {"id": there, "name": "Acme Europe", **TIMES}, {"address": None})

    (event,) = await told(connection, store, renamed)
    (again,) = await told(connection, store, {**renamed, "meta": {**renamed["meta"], "id": "another"}})

    assert (event.fact, event.deal_ref) == ("crm_properties_changed", f"deal:{deal}")
    assert event.payload["account"] == {"id": f"pipedrive-{there}", "name": "Acme Europe"}
    assert again.state is IntakeState.SKIPPED
    assert await told(connection, store, moved) == []


async def test_our_own_writing_of_an_organization_is_no_news_to_a_poll_and_what_people_change_is(
    crm: PipedriveCrm, connection: PipedriveConnection, store: Store, company: Company, acme: Account
) -> None:
    polling, deal = PipedrivePolling(connection, store), deal_id()
    await deliver(await written(crm, deal, acme))
    organization = (await organization_of(company, deal))["id"]

    first = await _polled(polling, store, organization)
    await company.update("organization", organization, name="Acme Europe")
    second = await _polled(polling, store, organization)
    third = await _polled(polling, store, organization)
    await polling.close()

    assert (first, second, third) == (0, 1, 0)


async def _polled(polling: PipedrivePolling, store: Store, organization: int) -> int:
    """How many events a poll makes of an organization. They are kept, as the reconciling activity does."""
    page = await polling.poll(None)
    await intake.add(store, page.events)
    for seen in page.seen:
        await mirror.note(store, "pipedrive", seen.object_id, seen.values, seen.at)
    return sum(one.payload.get("what") == {"organization": organization} for one in page.events)


async def test_a_new_deal_is_opened_with_its_organization(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    there = await company.create("organization", name="Acme")
    deal = await company.create("deal", title="Acme", org_id=there)
    fetcher = PipedriveFetcher(connection, store)

    fetched: Any = await fetcher.fetch({"deal": deal})
    await fetcher.close()

    assert fetched["account"] == {"id": f"pipedrive-{there}", "name": "Acme"}
