"""A fact on its way from the door to the decision: it is read, checked and understood once at each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from pydantic import model_validator
from temporalio.client import Client, Interceptor, OutboundInterceptor, SignalWorkflowInput
from typing_extensions import override

from dealwright.client.deal_client import DealClient
from dealwright.deal import Known, Money
from dealwright.decision import Received
from dealwright.facts import FACTS, CrmPropertiesChanged
from gateway.webhooks.delivery import Delivery
from integrations.kit.mapping.events import events_in
from integrations.kit.proof.request import WebhookRequest
from integrations.registry import shipped_mappings
from store import intake
from store.database import Store
from store.intake import IntakeState
from tests.dealwright.story import Story, of_stage
from tests.gateway.conftest import StartGateway
from tests.gateway.signed_requests import as_body

AMOUNT = {"amount": "50.00", "currency": "EUR"}
"""A part, whose unknown fields are to be heard as well: no reason to read the fact twice."""
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ONCE, NEVER = (1, 1), (0, 0)
"""How often a fact is validated, and how often it is asked what it teaches, as each check does."""


class Counted(CrmPropertiesChanged):
    """A fact that counts how often it is read, whoever reads it."""

    read: ClassVar[int] = 0
    asked: ClassVar[int] = 0

    @model_validator(mode="before")
    @classmethod
    def _count(cls, given: object) -> object:
        Counted.read += 1
        return given


def taken() -> tuple[int, int]:
    """How often the fact was read, and asked, since this was called last."""
    counts, Counted.read, Counted.asked = (Counted.read, Counted.asked), 0, 0
    return counts


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fact that a deal is told is the one that counts."""
    learn = CrmPropertiesChanged.learn

    def ask(fact: CrmPropertiesChanged) -> Known | None:
        Counted.asked += 1
        return learn(fact)

    monkeypatch.setattr(CrmPropertiesChanged, "learn", ask)
    monkeypatch.setitem(FACTS, CrmPropertiesChanged.name, Counted)
    taken()


class Signals(Interceptor, OutboundInterceptor):
    """What is sent to deals; nothing is."""

    def __init__(self) -> None:
        self.sent: list[SignalWorkflowInput] = []

    @override
    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        OutboundInterceptor.__init__(self, next)
        return self

    @override
    async def signal_workflow(self, input: SignalWorkflowInput) -> None:
        self.sent.append(input)


@pytest.fixture
def signals() -> Signals:
    return Signals()


@pytest.fixture
async def deals(signals: Signals) -> DealClient:
    return DealClient(await Client.connect("127.0.0.1:1", lazy=True, interceptors=[signals]))


def decided(signals: Signals) -> tuple[int, int]:
    """How often the one fact that was sent is read and asked by the decision on it."""
    story = Story(of_stage("- {name: talk, on: call_logged, do: [{task: talk}]}"))
    (signal,) = signals.sent
    taken()
    payload = json.dumps(signal.args[0])
    decision = story.tell_at_once(
        Received(kind="fact", name=signal.signal, id=signal.args[0]["id"], at=story.now, payload=payload)
    )
    counts = taken()
    assert "fact_taken" in [entry.kind for entry in decision.entries]
    assert story.state.deal is not None
    assert story.state.deal.amount == Money.model_validate(AMOUNT)
    return counts


async def test_a_fact_that_a_webhook_brings(store: Store, deals: DealClient, signals: Signals) -> None:
    mapping = shipped_mappings()["standard"]
    told = {
        "type": "crm_properties_changed",
        "timestamp": NOW.isoformat(),
        "data": {"deal_id": "acme", "amount": AMOUNT},
    }
    request = WebhookRequest("POST", "https://deals.example.com/x", {"webhook-id": "m1"}, as_body(told))
    events = events_in(mapping.with_settings({}), request, NOW)
    assert taken() == ONCE
    (row,) = await intake.add(store, events)
    state, _ = await Delivery(store, deals, frozenset({"standard"})).deliver(row)
    assert state is IntakeState.DISPATCHED
    assert taken() == NEVER
    assert decided(signals) == ONCE


async def test_a_fact_told_in_python(deals: DealClient, signals: Signals) -> None:
    await deals.record("acme", Counted.model_validate({"amount": AMOUNT}))
    assert taken() == ONCE
    assert decided(signals) == ONCE


async def test_a_fact_told_over_http(start_gateway: StartGateway, deals: DealClient, signals: Signals) -> None:
    gateway = await start_gateway(deals)
    answer = await gateway.post("/v1/deals/acme/facts/crm_properties_changed", json={"amount": AMOUNT})
    assert answer.status_code == 202
    assert taken() == (0, 1)  # the route itself read the fact as it was before it counted: nobody read it after that
    assert decided(signals) == ONCE
