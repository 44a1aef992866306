"""What holds in every tool where two deals enrol the same contact in the same cadence at one moment."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.once_only import Prepare
from dealwright.effects import EnrolContact, Outcome
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Killed

ONE, OTHER = "acme-1", "other-2"
Taking = Callable[[str, Callable[[], Awaitable[None]]], Awaitable[None]]
"""How the deal with an id takes the place of an enrolment, given what does so."""


class Cadences(ABC):
    """The cadences of one tool, with a contact in none of them."""

    worker: Worker
    effect: EnrolContact

    @abstractmethod
    def prepare(self, effect: EnrolContact) -> Prepare:
        """What makes an enrolment ready."""

    @abstractmethod
    async def settled(self, effect: EnrolContact) -> Outcome:
        """What became of an enrolment, after as many attempts as it takes."""

    @abstractmethod
    async def stopped(self, effect: EnrolContact) -> None:
        """What an enrolment's stop does, whose reference the deal does not know."""

    @abstractmethod
    async def finished(self) -> None:
        """The contact has come to the end of the cadence."""

    @abstractmethod
    def take_places(self, taking: Taking) -> None:
        """Let places be taken so."""

    @abstractmethod
    async def are_in(self) -> int:
        """How often the contact is in the cadence, the times before that are over apart."""

    @abstractmethod
    async def times_added(self) -> int:
        """How often they were ever added."""

    @abstractmethod
    async def whose(self) -> str | None:
        """The deal whose enrolment it is that goes on, as what happens to it is told."""


class TwoDeals:
    """Two deals at once. The tests of a tool have a fixture ``cadences``."""

    @pytest.mark.parametrize(("first", "second"), [(ONE, OTHER), (OTHER, ONE)])
    @pytest.mark.parametrize("went_through_before", [False, True])
    async def test_of_two_deals_that_have_looked_at_once_the_first_has_it_and_the_other_is_told(
        self, cadences: Cadences, first: str, second: str, *, went_through_before: bool
    ) -> None:
        added = 0
        if went_through_before:
            await cadences.settled(of_deal(cadences.effect, "earlier-3"))
            await cadences.finished()
            added = 1
        cadences.take_places(BothLookFirst(first))
        wanted = [of_deal(cadences.effect, deal) for deal in (first, second)]

        done, waits = await at_once(cadences, *wanted)
        refused = await cadences.settled(wanted[1])
        await cadences.stopped(wanted[1])

        assert (done.status if isinstance(done, Outcome) else done) == "done"
        assert f"deal {first} enrols them there at this moment" in str(waits)
        assert (refused.status, f"already, enrolled by deal {first}" in (refused.reason or "")) == ("failed", True)
        assert (await cadences.times_added(), await cadences.are_in()) == (added + 1, 1)
        assert await cadences.whose() == first

    @pytest.mark.parametrize(("first", "second"), [(ONE, OTHER), (OTHER, ONE)])
    async def test_a_worker_that_dies_between_taking_the_place_and_the_call_keeps_the_place(
        self, cadences: Cadences, first: str, second: str
    ) -> None:
        of_first, of_second = of_deal(cadences.effect, first), of_deal(cadences.effect, second)
        cadences.take_places(DiesThen())
        await killed(cadences, of_first)

        with pytest.raises(ApplicationError, match=f"deal {first} enrols them there"):
            await cadences.worker.attempt(of_second, prepare=cadences.prepare(of_second))
        outcomes = [await cadences.settled(one) for one in (of_first, of_second)]

        assert [one.status for one in outcomes] == ["done", "failed"]
        assert (await cadences.times_added(), await cadences.whose()) == (1, first)

    @pytest.mark.parametrize(("first", "second"), [(ONE, OTHER), (OTHER, ONE)])
    async def test_a_deal_that_comes_back_after_its_place_was_given_away_adds_nobody_and_takes_nobody_out(
        self, cadences: Cadences, first: str, second: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        of_first, of_second = of_deal(cadences.effect, first), of_deal(cadences.effect, second)
        cadences.take_places(DiesThen())
        await killed(cadences, of_first)
        monkeypatch.setattr("integrations.kit.enrolments.HELD_FOR", -timedelta(seconds=1))  # as if it were long ago

        outcomes = [await cadences.settled(one) for one in (of_second, of_first)]
        await cadences.stopped(of_first)

        assert [one.status for one in outcomes] == ["done", "failed"]
        assert (await cadences.times_added(), await cadences.are_in(), await cadences.whose()) == (1, 1, second)


class BothLookFirst:
    """Both deals have seen that nobody is in the cadence before either takes the place."""

    def __init__(self, first: str) -> None:
        self._first, self._other_has_looked, self._is_taken = first, asyncio.Event(), asyncio.Event()

    async def __call__(self, deal: str, take: Callable[[], Awaitable[None]]) -> None:
        """The place is taken by the first one first, whoever has looked first."""
        if deal == self._first:
            await self._other_has_looked.wait()
            await take()
            self._is_taken.set()
        else:
            self._other_has_looked.set()
            await self._is_taken.wait()
            await take()


class DiesThen:
    """The worker dies once a place is taken, before it asks the tool. The next one lives."""

    def __init__(self) -> None:
        self._has_died = False

    async def __call__(self, _deal: str, take: Callable[[], Awaitable[None]]) -> None:
        """The first one who takes a place dies."""
        await take()
        if not self._has_died:
            self._has_died = True
            raise Killed


def of_deal(effect: EnrolContact, deal: str) -> EnrolContact:
    """The same as another deal asks for it."""
    id_ = f"{deal}/{effect.id.partition('/')[2]}"
    return effect.model_copy(update={"id": id_, "enrolment": id_})


async def at_once(cadences: Cadences, *wanted: EnrolContact) -> list[Outcome | str]:
    """One attempt at each at one moment: its outcome, or why it is to be made again."""

    async def attempt(effect: EnrolContact) -> Outcome | str:
        try:
            return await cadences.worker.attempt(effect, prepare=cadences.prepare(effect))
        except ApplicationError as error:
            return error.message

    return [*await asyncio.gather(*(attempt(one) for one in wanted))]


async def killed(cadences: Cadences, effect: EnrolContact) -> None:
    """An attempt in which the worker dies."""
    with pytest.raises(Killed):
        await cadences.worker.attempt(effect, prepare=cadences.prepare(effect))
