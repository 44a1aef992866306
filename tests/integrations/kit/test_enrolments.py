"""Which enrolments of a tool are deals' own, where two deals ask for the same place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.kit.enrolments import Enrolled, KnownEnrolments
from integrations.kit.errors import NotHandedOver
from store.database import Store

PLACE = "7/42"
ONE = Enrolled(deal="acme-1", enrolment="acme-1/prospecting/1/enrol/1", address="ana@buyer.example")
OTHER = Enrolled(deal="other-2", enrolment="other-2/prospecting/1/enrol/1", address="ana@buyer.example")
AGAIN = Enrolled(deal="acme-1", enrolment="acme-1/reviving/1/enrol/1", address="ana@buyer.example")


@pytest.fixture
def known(store: Store) -> KnownEnrolments:
    return KnownEnrolments(store, "cadences")


async def deal_at(known: KnownEnrolments) -> str | None:
    """The deal that the place is noted for."""
    meant = await known.meant_at(PLACE)
    return meant.who.deal if meant else None


async def test_a_place_is_the_first_ones_and_what_was_noted_for_it_stays(known: KnownEnrolments) -> None:
    first = await known.mean(PLACE, ONE, ["before"])
    with pytest.raises(NotHandedOver, match="deal acme-1 enrols them there") as refused:
        await known.mean(PLACE, OTHER, [])
    assert refused.value.retry_after == timedelta(minutes=2)
    assert await known.mean(PLACE, ONE, ["before", "made"]) == first
    assert await known.of("made", PLACE) == ONE


async def test_another_play_of_the_same_deal_is_told_so(known: KnownEnrolments) -> None:
    await known.mean(PLACE, ONE, [])
    with pytest.raises(NotHandedOver, match="this deal, elsewhere in its playbook"):
        await known.mean(PLACE, AGAIN, [])


async def test_whom_a_tool_refuses_gives_back_their_own_place_alone(known: KnownEnrolments) -> None:
    await known.mean(PLACE, ONE, [])
    await known.not_meant(PLACE, OTHER)
    assert await deal_at(known) == "acme-1"
    await known.not_meant(PLACE, ONE)
    await known.mean(PLACE, OTHER, [])
    assert await deal_at(known) == "other-2"


@pytest.mark.parametrize("told", [True, False])
async def test_a_place_is_free_once_what_was_asked_for_is_there_and_over(known: KnownEnrolments, *, told: bool) -> None:
    await known.mean(PLACE, ONE, ["before"])
    if told:
        await known.arrived("made", PLACE, ONE)
    with pytest.raises(NotHandedOver):
        await known.mean(PLACE, OTHER, ["before"])
    await known.mean(PLACE, OTHER, ["before", "made"])
    assert (await deal_at(known), await known.of("newer", PLACE)) == ("other-2", OTHER)
    with pytest.raises(NotHandedOver):
        await known.mean(PLACE, AGAIN, ["before", "made"])


async def test_what_arrives_late_changes_nothing_of_the_next_ones_note(
    known: KnownEnrolments, monkeypatch: pytest.MonkeyPatch
) -> None:
    await known.mean(PLACE, ONE, [])
    monkeypatch.setattr("integrations.kit.enrolments.HELD_FOR", -timedelta(seconds=1))  # as if it were long ago
    await known.mean(PLACE, OTHER, [])
    await known.arrived("late", PLACE, ONE)
    assert (await known.of("late", PLACE), await known.of("new", PLACE)) == (ONE, OTHER)
