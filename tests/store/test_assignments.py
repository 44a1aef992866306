"""Pools: over all deals everybody gets their share, within what they can take, and an effect chooses once."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pytest

from dealwright.candidates import Candidate
from dealwright.deal import Known, Person
from dealwright.effects import ChooseOwner, Outcome
from dealwright.entries import CommandTaken, OwnerChanged, OwnerCounted
from store import assignments, journal, people_away
from store.assignments import Choice
from store.database import Store
from store.whose_turn import next_turn
from tests.store.samples import NOW, closed

HOUR = timedelta(hours=1)


def member(name: str, **more: object) -> Candidate:
    person = Person(name=name.title(), email=f"{name}@seller.example")
    return Candidate.model_validate({"person": person, **more})


ANA, BEN, CYD = member("ana"), member("ben"), member("cyd")


def choice(deal: str, *members: Candidate, **more: object) -> Choice:
    effect = ChooseOwner.model_validate(
        {
            "id": f"{deal}/share/1/0/1", "at": NOW, "summary": "Choose rep from aes", "playbook": "tiny", "pool": "aes",
            "role": "rep", "candidates": members, **more,
        }
    )  # fmt: skip
    return Choice(deal, effect)


async def choose(store: Store, wanted: Choice, at: datetime = NOW) -> str | Outcome | None:
    """Who is chosen, or what becomes of the effect instead."""
    async with store.writing() as connection:
        instead = await assignments.choose(store, connection, wanted, at)
    found = await assignments.find(store, wanted.effect.id)
    return instead or (found.person.partition("@")[0] if found else None)


async def share(store: Store, deals: int, *members: Candidate, **more: object) -> list[object]:
    return [await choose(store, choice(f"deal-{number}", *members, **more)) for number in range(deals)]


async def end(store: Store, deal: str) -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal, [closed(9)])


async def test_deals_go_round_by_weight_and_nobody_gets_several_at_once(store: Store) -> None:
    got = await share(store, 8, member("ana", weight=2), BEN, CYD)
    assert got == ["ana", "ben", "cyd", "ana", "ana", "ben", "cyd", "ana"]


@pytest.mark.parametrize("able", [1.0, 0.7])
def test_ten_thousand_deals_are_shared_within_two_percent(able: float) -> None:
    """Whoever can take a deal (territory, room, hours: at random) gets as much of it as their weight says."""
    weights, random = {"ana": 3, "ben": 2, "cyd": 1, "dan": 4}, Random(1)
    credit: dict[str, int] = {}
    got, due = Counter[str](), dict.fromkeys(weights, 0.0)
    for _ in range(10_000):
        here = {name: weight for name, weight in weights.items() if random.random() < able} or weights
        chosen, after = next_turn(credit, here)
        credit |= after
        got[chosen] += 1
        for name, weight in here.items():
            due[name] += weight / sum(here.values())
    for name in weights:
        assert abs(got[name] - due[name]) <= 0.02 * due[name]


async def test_workers_at_once_share_deals_to_the_last_one(store: Store) -> None:
    weights = {"ana": 3, "ben": 2, "cyd": 1, "dan": 4}
    members = [member(name, weight=weight) for name, weight in weights.items()]

    async def worker(first: int) -> None:
        for number in range(first, 100, 4):
            await choose(store, choice(f"deal-{number}", *members))

    await asyncio.gather(*map(worker, range(4)))
    async with store.reading() as connection:
        assert await assignments.loads(connection) == {
            f"{name}@seller.example": 10 * weight for name, weight in weights.items()
        }


async def test_an_effect_that_is_asked_again_has_chosen_the_same(store: Store) -> None:
    first = await choose(store, choice("deal-1", ANA, BEN))
    assert [await choose(store, choice("deal-1", ANA, BEN)) for _ in range(3)] == [first] * 3
    assert await choose(store, choice("deal-2", ANA, BEN)) == "ben"


async def test_attempts_at_once_choose_one_person(store: Store) -> None:
    got = await asyncio.gather(*(choose(store, choice("deal-1", ANA, BEN, CYD)) for _ in range(6)))
    assert got == ["ana"] * 6


async def test_nobody_gets_more_open_deals_than_they_can_take(store: Store) -> None:
    got = await share(store, 5, member("ana", capacity=1), member("ben", capacity=2), waits=False)
    assert got[:3] == ["ana", "ben", "ben"]
    assert [one.status for one in got[3:] if isinstance(one, Outcome)] == ["skipped", "skipped"]


async def test_two_at_once_do_not_take_the_last_place_twice(store: Store) -> None:
    tight = member("ana", capacity=1)
    wanted = [choice(f"deal-{number}", tight, pool=pool) for number, pool in enumerate(["aes", "ses"] * 4)]
    got = await asyncio.gather(*(choose(store, one) for one in wanted))
    assert [one for one in got if not isinstance(one, Outcome)] == ["ana"]


async def test_a_deal_that_is_closed_makes_room(store: Store) -> None:
    tight = member("ana", capacity=1)
    await choose(store, choice("deal-1", tight))
    await end(store, "deal-1")
    assert await choose(store, choice("deal-2", tight)) == "ana"


async def test_while_all_are_full_a_deal_waits_ever_longer(store: Store) -> None:
    tight = member("ana", capacity=1)
    await choose(store, choice("deal-1", tight))
    waited = []
    for hours in (0, 1, 5, 100):
        instead = await choose(store, choice("deal-2", tight, since=NOW), NOW + hours * HOUR)
        assert isinstance(instead, Outcome)
        waited.append((instead.status, instead.until))
    assert waited == [("deferred", NOW + hours * HOUR) for hours in (1, 2, 10, 124)]


async def test_a_deal_in_nobodys_territory_does_not_wait_for_anybody(store: Store) -> None:
    instead = await choose(store, choice("deal-1", member("ana", fits=False)))
    assert isinstance(instead, Outcome)
    assert instead.status == "skipped"


async def test_whoever_has_the_account_gets_its_next_deal_whatever_their_territory_and_room(store: Store) -> None:
    account = {"account": "acme.example", "account_first": True}
    first = await choose(store, choice("deal-1", ANA, BEN, **account))
    full = (member("ana", capacity=1, fits=False), BEN)
    assert (first, await choose(store, choice("deal-2", *full, **account))) == ("ana", "ana")
    assert await choose(store, choice("deal-3", ANA, BEN, **{**account, "account": "other.example"})) == "ben"


async def test_those_at_work_come_first_then_whoever_begins_next(store: Store) -> None:
    later, now = member("ana", at_work_from=NOW + 8 * HOUR), member("ben", at_work_from=NOW)
    latest = member("cyd", at_work_from=NOW + 9 * HOUR)
    assert await share(store, 2, later, now) == ["ben", "ben"]
    assert await choose(store, choice("deal-9", latest, later)) == "ana"


async def test_by_load_whoever_has_the_fewest_open_deals_for_their_weight_is_next(store: Store) -> None:
    got = await share(store, 6, member("ana", weight=2), BEN, by="load")
    assert Counter(got) == {"ana": 4, "ben": 2}
    await end(store, "deal-1")
    assert await choose(store, choice("deal-7", member("ana", weight=2), BEN, by="load")) == "ben"


async def test_who_has_the_role_keeps_it_and_the_deal_counts_as_theirs(store: Store) -> None:
    assert await choose(store, choice("deal-1", ANA, keeps=Person(name="Cyd", email="cyd@seller.example"))) == "cyd"
    assert await choose(store, choice("deal-2", member("cyd", capacity=1), ANA)) == "ana"


async def test_chosen_anew_it_is_somebody_else_where_there_is_anybody(store: Store) -> None:
    assert await choose(store, choice("deal-1", ANA, BEN, replaces=ANA.person)) == "ben"
    assert await choose(store, choice("deal-2", ANA, replaces=ANA.person)) == "ana"


@pytest.mark.parametrize(
    "given",
    [
        OwnerChanged(at=NOW, number=7, role="rep", person=BEN.person, by="boss", why="left"),
        CommandTaken(
            at=NOW, number=7, command="amend", id="u1", by="boss", accepted=True, text="",
            learned=Known(owners={"rep": BEN.person}),
        ),
    ],
)  # fmt: skip
async def test_a_deal_counts_for_whoever_took_the_role_since(store: Store, given: OwnerChanged | CommandTaken) -> None:
    await choose(store, choice("deal-1", ANA))
    async with store.writing() as connection:
        await journal.write(store, connection, "deal-1", [given])
    async with store.reading() as connection:
        assert await assignments.loads(connection) == {"ben@seller.example": 1}


async def away(store: Store, name: str, since: timedelta = -HOUR, until: timedelta = HOUR) -> None:
    await people_away.say_away(store, f"{name}@Seller.example", NOW + since, NOW + until, by="boss", now=NOW)


async def test_whoever_is_away_gets_nothing_until_they_are_back(store: Store) -> None:
    await away(store, "ana")
    assert await share(store, 2, ANA, BEN) == ["ben", "ben"]
    assert await choose(store, choice("deal-9", ANA, BEN), NOW + HOUR) == "ana"


async def test_who_will_leave_gets_deals_until_then_and_who_is_said_to_be_back_again(store: Store) -> None:
    await away(store, "ana", since=HOUR, until=2 * HOUR)
    assert await choose(store, choice("deal-1", ANA)) == "ana"
    assert isinstance(await choose(store, choice("deal-2", ANA), NOW + HOUR), Outcome)
    assert await people_away.say_back(store, "ana@seller.example")
    assert await choose(store, choice("deal-2", ANA), NOW + HOUR) == "ana"


async def test_whoever_covers_for_somebody_takes_their_turns_and_the_shares_of_others_stay(store: Store) -> None:
    covered = member("ana", weight=2, cover="cyd@seller.example")
    await away(store, "ana")
    got = await share(store, 8, covered, BEN, CYD)
    assert Counter(got) == {"cyd": 6, "ben": 2}
    found = await assignments.find(store, "deal-0/share/1/0/1")
    assert found is not None
    assert found.why == "it was their turn, for ana@seller.example, who is away"


async def test_while_both_are_away_others_get_the_turns(store: Store) -> None:
    covered = member("ana", cover="cyd@seller.example")
    await away(store, "ana")
    await away(store, "cyd")
    assert await share(store, 2, covered, BEN, CYD) == ["ben", "ben"]


async def test_the_account_of_somebody_who_is_away_goes_to_their_cover_else_to_whose_turn_it_is(store: Store) -> None:
    account = {"account": "acme.example", "account_first": True}
    covered = member("ana", cover="cyd@seller.example")
    assert await choose(store, choice("deal-1", covered, BEN, CYD, **account)) == "ana"
    await away(store, "ana")
    assert await choose(store, choice("deal-2", covered, BEN, CYD, **account)) == "cyd"
    await away(store, "cyd")
    assert await choose(store, choice("deal-3", ANA, BEN, **account)) == "ben"


@pytest.mark.parametrize("later", [9, 7])
async def test_a_deal_that_has_gone_beyond_a_role_counts_no_longer_whatever_is_written_late(
    store: Store, later: int
) -> None:
    await choose(store, choice("deal-1", ANA))
    beyond = OwnerCounted(at=NOW, number=8, role="rep", counts=False)
    otherwise = OwnerCounted(at=NOW, number=later, role="rep", counts=True)
    async with store.writing() as connection:
        await journal.write(store, connection, "deal-1", [beyond])
        await journal.write(store, connection, "deal-1", [otherwise])
    async with store.reading() as connection:
        assert await assignments.loads(connection) == ({"ana@seller.example": 1} if later > 8 else {})


async def test_two_processes_at_once_share_deals_to_the_last_one(store: Store, database_url: str) -> None:
    workers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.store.choosing", database_url, str(first), stdout=asyncio.subprocess.PIPE
        )
        for first in (0, 1)
    ]  # fmt: skip
    chosen = [one for worker in workers for one in (await worker.communicate())[0].decode().split()]
    assert Counter(chosen) == {"ana": 30, "ben": 10}
    async with store.reading() as connection:
        assert await assignments.loads(connection) == {"ana@seller.example": 30, "ben@seller.example": 10}
