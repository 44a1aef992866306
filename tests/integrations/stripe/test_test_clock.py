"""A contract term from signature to end on a test clock of Stripe's: here, and with a key in a sandbox.

``STRIPE_SANDBOX_KEY`` is the key of a sandbox (``sk_test_…``, or ``rk_test_…`` with write access to test clocks,
customers, products, subscriptions and invoices). Without it only the simulator is tried.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from pydantic import SecretStr

from dealwright.deal import Money
from dealwright.effects import StartSubscription
from dealwright.subscription import Payer, TermBilled
from integrations.kit.delivery import Found
from integrations.stripe.billing import StripeBilling
from integrations.stripe.client import VERSION
from integrations.stripe.settings import StripeConnection, StripePlan
from store.database import Store
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

VARIABLE, SANDBOX, HERE = "STRIPE_SANDBOX_KEY", "https://api.stripe.com", "rk_test_local"
PATIENCE = 180
CLOCKS = "/v1/test_helpers/test_clocks"


@dataclass
class OnAClock:
    """A Stripe account, and a customer in it who lives by a test clock."""

    url: str
    key: str
    http: httpx2.AsyncClient
    clock: str = ""
    product: str = ""
    customer: str = ""
    payer: str = ""

    async def begin(self) -> None:
        """Make the clock, a product, and the customer of an account of ours."""
        self.payer = f"acme-{uuid4().hex[:10]}.example"
        now = str(int(datetime.now(UTC).timestamp()))
        self.clock = (await self.post(CLOCKS, frozen_time=now, name="Dealwright"))["id"]
        self.product = (await self.post("/v1/products", name="Growth"))["id"]
        about = {"name": "Acme", "email": "fin@acme.example", "metadata[dealwright_account]": self.payer}
        self.customer = (await self.post("/v1/customers", test_clock=self.clock, **about))["id"]
        wanted = f"metadata['dealwright_account']:'{self.payer}'"
        async with asyncio.timeout(PATIENCE):  # Stripe's search shows a new customer only after a while
            while not (await self.get("/v1/customers/search", query=wanted))["data"]:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(1)

    async def advance(self, to: datetime) -> None:
        """Put the clock forward, and wait until all has happened on the way."""
        await self.post(f"{CLOCKS}/{self.clock}/advance", frozen_time=str(int(to.timestamp())))
        async with asyncio.timeout(PATIENCE):
            while (await self.get(f"{CLOCKS}/{self.clock}"))["status"] != "ready":  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.2 if self.url != SANDBOX else 2)

    async def invoices(self) -> list[dict[str, Any]]:
        """What the customer was asked to pay; an invoice that was sent and not paid is paid now, by a transfer."""
        for one in (await self.get("/v1/invoices", customer=self.customer))["data"]:
            if one["status"] == "open":
                await self.post(f"/v1/invoices/{one['id']}/pay", paid_out_of_band="true")
        found: list[dict[str, Any]] = (await self.get("/v1/invoices", customer=self.customer))["data"]
        return found

    async def post(self, path: str, **form: str) -> dict[str, Any]:
        """A call that writes."""
        return _read(await self.http.post(f"{self.url}{path}", data=form))

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """A call that reads."""
        return _read(await self.http.get(f"{self.url}{path}", params=query))

    async def end(self) -> None:
        """Delete the clock, and with it all that lives by it."""
        if self.clock:
            _read(await self.http.delete(f"{self.url}{CLOCKS}/{self.clock}"))


def _read(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    read: dict[str, Any] = answer.json()
    return read


@pytest.fixture(params=["simulator", "sandbox"])
async def account(request: pytest.FixtureRequest) -> AsyncIterator[OnAClock]:
    if request.param == "simulator":
        async with (
            running_simulator("integrations.stripe.simulator") as running,
            _on_a_clock(running.url, HERE) as made,
        ):
            yield made
        return
    key = os.environ.get(VARIABLE, "")
    if not key:
        pytest.skip(f"{VARIABLE} has the key of a Stripe sandbox")
    assert key.startswith(("sk_test_", "rk_test_")), "never a live key"
    async with _on_a_clock(SANDBOX, key) as made:
        yield made


@asynccontextmanager
async def _on_a_clock(url: str, key: str) -> AsyncIterator[OnAClock]:
    headers = {"authorization": f"Bearer {key}", "stripe-version": VERSION}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        made = OnAClock(url, key, http)
        try:
            await made.begin()
            yield made
        finally:
            await made.end()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path))
    yield store
    await store.close()


@pytest.fixture
def billing(account: OnAClock, store: Store) -> StripeBilling:
    plans = {"growth": StripePlan(product=account.product)}
    return StripeBilling(StripeConnection(key=SecretStr(account.key), base_url=account.url, plans=plans), store)


def term(account: OnAClock, starts_on: date) -> StartSubscription:
    ends_on = starts_on.replace(year=starts_on.year + 1) - timedelta(days=1)
    terms = TermBilled(
        plan="growth", every="year", recurring=Money(amount=Decimal(12000), currency="EUR"), starts_on=starts_on,
        ends_on=ends_on, payment_days=30,
    )  # fmt: skip
    payer = Payer(key=account.payer, name="Acme", email="fin@acme.example")
    id_ = f"{account.payer}/billing/1/subscribe/1"
    return StartSubscription(id=id_, at=datetime.now(UTC), summary="", contract="1", terms=terms, payer=payer)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


async def test_a_term_is_invoiced_once_paid_and_over_after_its_last_day(
    account: OnAClock, billing: StripeBilling
) -> None:
    starts_on = datetime.now(UTC).date() + timedelta(days=10)
    effect = term(account, starts_on)

    delivery = await billing.start("acme-2026", effect)
    started = await delivery.send()
    again = await (await billing.start("acme-2026", effect)).send()
    assert again == started  # by its idempotency key
    assert delivery.find is not None
    assert await delivery.find() == Found(str(started))
    assert [one["amount_due"] for one in await account.invoices() if one["amount_due"]] == []

    await account.advance(noon(starts_on))
    paid = [(one["amount_due"], one["status"]) for one in await account.invoices() if one["amount_due"]]
    assert paid == [(1_200_000, "paid")]

    await account.advance(noon(starts_on.replace(year=starts_on.year + 1)))
    subscription = await account.get(f"/v1/subscriptions/{started}")
    assert (subscription["status"], subscription["customer"]) == ("canceled", account.customer)
    assert len([one for one in await account.invoices() if one["amount_due"]]) == 1


@pytest.mark.parametrize("account", ["simulator"], indirect=True)
async def test_a_clock_is_put_forward_only_and_by_no_more_than_two_intervals(account: OnAClock) -> None:
    path, now = f"{account.url}{CLOCKS}/{account.clock}/advance", datetime.now(UTC)

    back = await account.http.post(path, data={"frozen_time": str(int(now.timestamp()) - 60)})
    far = await account.http.post(path, data={"frozen_time": str(int((now + timedelta(days=800)).timestamp()))})
    unknown = await account.http.post(path, data={"frozen_time": str(int(now.timestamp()) + 60), "speed": "2"})

    assert [one.status_code for one in (back, far, unknown)] == [400, 400, 400]
    assert [one.json()["error"]["param"] for one in (back, far, unknown)] == ["frozen_time", "frozen_time", "speed"]


@pytest.mark.parametrize("account", ["simulator"], indirect=True)
async def test_a_clock_moves_only_the_customers_that_live_by_it(account: OnAClock, billing: StripeBilling) -> None:
    starts_on = datetime.now(UTC).date() + timedelta(days=10)
    other = term(account, starts_on)
    elsewhere = other.model_copy(update={"payer": Payer(key="other.example", name="Other", email="o@other.example")})
    await (await billing.start("other-2026", elsewhere)).send()

    await account.advance(noon(starts_on))

    assert (await account.get("/v1/invoices"))["data"] == []
