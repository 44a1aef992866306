"""Tasks by which people reach contacts, in Salesloft: what is its own of what all tools with such tasks keep to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from dealwright.deal import Contact, Person
from dealwright.effects import CreateTask, Outcome
from integrations.salesloft.settings import SalesloftConnection
from integrations.salesloft.tasks import SalesloftTasks
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.salesloft.team import Team, an_address
from tests.integrations.tasks import effects
from tests.integrations.tasks.effects import until_settled
from tests.store.samples import NOW

REP = Person(name="Rita Rep", email="rep@seller.example", timezone="America/New_York")


@pytest.fixture
async def tasks(connection: SalesloftConnection, store: Store) -> AsyncIterator[SalesloftTasks]:
    made = SalesloftTasks(connection, store)
    yield made
    await made.close()


def a_task(address: str = "nobody@buyer.example", **changes: object) -> CreateTask:
    about = Contact(id="ana", name="Ana Lopez", email=address)
    return effects.a_task(**{"owner": REP, "reaches": about, **changes})


async def there(team: Team, outcome: Outcome) -> dict[str, Any]:
    """The task that an outcome names."""
    state: Any = await team.running.state()
    return dict(state["tasks"][str(outcome.reference).rpartition(":")[2]])


async def test_a_call_comes_onto_its_owners_list_about_the_person(
    tasks: SalesloftTasks, worker: Worker, team: Team
) -> None:
    address = await team.add(an_address())

    effect = a_task(address)

    outcome = await until_settled(worker, tasks, effect)

    one = await there(team, outcome)
    assert (one["subject"], one["kind"], one["description"]) == (effect.title, "call", "They asked for figures")
    assert (one["user"], one["person"] is not None) == (1, True)
    assert str(outcome.reference).startswith("salesloft:task:")


async def test_it_is_due_on_the_day_that_its_owner_has(tasks: SalesloftTasks, worker: Worker, team: Team) -> None:
    just_after_midnight = NOW.replace(hour=2)

    outcome = await until_settled(worker, tasks, a_task(due_at=just_after_midnight))

    assert (await there(team, outcome))["due_date"] == (just_after_midnight - timedelta(days=1)).date().isoformat()


async def test_whom_salesloft_does_not_have_is_named(tasks: SalesloftTasks, worker: Worker, team: Team) -> None:
    stranger = Person(name="Eve Elsewhere", email="eve@seller.example")

    outcome = await until_settled(worker, tasks, a_task(owner=stranger, channel="post"))

    one = await there(team, outcome)
    assert (one["person"], one["kind"]) == (None, "general")
    assert one["description"].startswith("For Eve Elsewhere. ")


async def test_a_key_that_a_task_has_already_makes_no_second_one(tasks: SalesloftTasks, team: Team) -> None:
    effect = a_task()
    delivery = await tasks.create_task("acme-1", effect)

    first, second = await delivery.send(), await delivery.send()

    assert first == second
