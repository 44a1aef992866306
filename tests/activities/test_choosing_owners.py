"""``choose_owner`` through the ledger: once, whoever is killed when, and not at all once it is called off."""

from __future__ import annotations

import pytest
from temporalio.testing import ActivityEnvironment

from activities.ledger import Ledger
from activities.once_only import Checkpoint
from activities.routing import Routing
from dealwright.candidates import Candidate
from dealwright.contract import EffectRequest
from dealwright.deal import Person
from dealwright.effects import ChooseOwner, Outcome
from store import assignments, ledger
from store.database import Store
from tests.activities.fake_receiver import Killed
from tests.store.samples import NOW


def choice(deal: str = "acme-1", *, capacity: int | None = None) -> ChooseOwner:
    people = [Person(name=name, email=f"{name}@seller.example") for name in ("ana", "ben")]
    return ChooseOwner(
        id=f"{deal}/share/1/0/1", at=NOW, summary="Choose rep from aes", playbook="tiny", pool="aes", role="rep",
        candidates=tuple(Candidate(person=person, capacity=capacity) for person in people),
    )  # fmt: skip


async def attempt(store: Store, effect: ChooseOwner, *, killed_at: Checkpoint | None = None) -> Outcome:
    def checkpoint(reached: Checkpoint) -> None:
        if reached is killed_at:
            raise Killed

    async def confirm(deal_id: str, effect_id: str) -> None:
        raise AssertionError(deal_id, effect_id)

    routing = Routing(Ledger(store, confirm, checkpoint=checkpoint), store)
    request = EffectRequest(deal_id=effect.id.partition("/")[0], effect=effect)
    outcome: Outcome = await ActivityEnvironment().run(routing.choose_owner, request)
    return outcome


async def test_the_outcome_says_who_it_is_and_why(store: Store) -> None:
    outcome = await attempt(store, choice())
    assert (outcome.status, outcome.reference, outcome.reason) == ("done", "ana@seller.example", "it was their turn")


@pytest.mark.parametrize("killed_at", list(Checkpoint))
async def test_killed_anywhere_the_next_attempt_chooses_the_same_and_the_turn_goes_on_by_one(
    store: Store, killed_at: Checkpoint
) -> None:
    with pytest.raises(Killed):
        await attempt(store, choice(), killed_at=killed_at)

    again = [await attempt(store, choice()) for _ in range(2)]

    assert [(one.reference, one.reason) for one in again] == [("ana@seller.example", "it was their turn")] * 2
    assert (await attempt(store, choice("acme-2"))).reference == "ben@seller.example"


async def test_one_that_is_called_off_chooses_nobody(store: Store) -> None:
    effect = choice()
    async with store.writing() as connection:
        await ledger.withdraw(store, connection, "acme-1", {effect.id: effect.kind}, NOW)
    assert (await attempt(store, effect)).status == "withdrawn"
    assert await assignments.find(store, effect.id) is None


async def test_while_all_are_full_it_is_put_off_and_tried_again_under_its_id(store: Store) -> None:
    for number in (1, 2):
        await attempt(store, choice(f"acme-{number}", capacity=1))
    full = await attempt(store, choice("acme-3", capacity=1))
    assert (full.status, full.until is not None) == ("deferred", True)
    assert (await attempt(store, choice("acme-3", capacity=2))).reference == "ben@seller.example"
