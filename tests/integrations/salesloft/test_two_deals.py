"""Two deals that enrol the same contact in the same cadence of Salesloft at one moment."""

from __future__ import annotations

import pytest

from activities.once_only import Prepare
from dealwright.effects import EnrolContact, Outcome
from integrations.salesloft import enrolled
from integrations.salesloft.enrolled import Enrolled, enrolment_of
from integrations.salesloft.enrolments import SalesloftEngagement
from integrations.salesloft.records import Membership
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.enrolments.two_deals import Cadences, Taking, TwoDeals
from tests.integrations.salesloft.team import Team, an_address, an_enrolment, its_end, until_settled


class SalesloftCadences(Cadences):
    """Salesloft's."""

    def __init__(
        self, cadences: SalesloftEngagement, worker: Worker, team: Team, patch: pytest.MonkeyPatch, address: str
    ) -> None:
        self._cadences, self.worker, self._team, self._patch = cadences, worker, team, patch
        self._address, self.effect = address, an_enrolment(address)

    def prepare(self, effect: EnrolContact) -> Prepare:
        return lambda: self._cadences.enrol(effect.id.partition("/")[0], effect)

    async def settled(self, effect: EnrolContact) -> Outcome:
        return await until_settled(self.worker, self._cadences, effect)

    async def stopped(self, effect: EnrolContact) -> None:
        await until_settled(self.worker, self._cadences, its_end(effect))

    async def finished(self) -> None:
        await self._team.do("finish", self._address)

    def take_places(self, taking: Taking) -> None:
        before = enrolled.take_place

        async def instead(store: Store, person: int, cadence: str, there: Membership | None, ours: Enrolled) -> None:
            await taking(ours.deal, lambda: before(store, person, cadence, there, ours))

        self._patch.setattr("integrations.salesloft.enrolments.take_place", instead)

    async def are_in(self) -> int:
        return len([one for one in await self._team.memberships(self._address) if one["state"] == "staged"])

    async def times_added(self) -> int:
        return sum(one["additions"] for one in await self._team.memberships(self._address))

    async def whose(self) -> str | None:
        (one,) = await self._team.memberships(self._address)
        ours = await enrolment_of(self._team.store, one["person"], "42")
        return ours.deal if ours else None


class TestTwoDeals(TwoDeals):
    """In Salesloft."""

    @pytest.fixture
    async def cadences(
        self, cadences: SalesloftEngagement, worker: Worker, team: Team, monkeypatch: pytest.MonkeyPatch
    ) -> Cadences:
        return SalesloftCadences(cadences, worker, team, monkeypatch, await team.add(an_address()))
