"""Two deals that enrol the same contact in the same sequence of Outreach at one moment."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from activities.once_only import Prepare
from dealwright.effects import EnrolContact, Outcome
from integrations.kit.simulator.process import RunningSimulator
from integrations.outreach.happenings import Happenings
from integrations.outreach.records import place
from integrations.outreach.sequences import OutreachSequences
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.enrolments import kit_places
from tests.integrations.enrolments.effects import an_enrolment, its_stop
from tests.integrations.enrolments.two_deals import Cadences, Taking, TwoDeals
from tests.integrations.outreach.enrolling import states_of, until_settled

_numbers = count(1)


class Sequences(Cadences):
    """Outreach's."""

    def __init__(
        self,
        sequences: OutreachSequences,
        worker: Worker,
        outreach: RunningSimulator,
        store: Store,
        patch: pytest.MonkeyPatch,
    ) -> None:
        self._sequences, self.worker, self._outreach, self._store = sequences, worker, outreach, store
        self._patch, self.effect = patch, an_enrolment(f"two-{next(_numbers)}", "outreach", "42")

    def prepare(self, effect: EnrolContact) -> Prepare:
        return lambda: self._sequences.enrol(effect.id.partition("/")[0], effect)

    async def settled(self, effect: EnrolContact) -> Outcome:
        return await until_settled(self.worker, self._sequences, effect)

    async def stopped(self, effect: EnrolContact) -> None:
        await until_settled(self.worker, self._sequences, its_stop(effect))

    async def finished(self) -> None:
        for one in await self._going_on():
            await self._outreach.change(do="finish", state=one["id"])

    def take_places(self, taking: Taking) -> None:
        kit_places.take_places(self._patch, taking)

    async def are_in(self) -> int:
        return len(await self._going_on())

    async def times_added(self) -> int:
        return len(await states_of(self._outreach, self.effect.address))

    async def whose(self) -> str | None:
        (one,) = await self._going_on()
        whose = await Happenings(self._store).whose(str(one["id"]), place(str(one["prospect"]), "42"))
        return whose.deal if whose else None

    async def _going_on(self) -> list[dict[str, Any]]:
        states = await states_of(self._outreach, self.effect.address)
        return [one for one in states if one["state"] != "finished"]


class TestTwoDeals(TwoDeals):
    """In Outreach."""

    @pytest.fixture
    def cadences(
        self,
        sequences: OutreachSequences,
        worker: Worker,
        outreach: RunningSimulator,
        store: Store,
        monkeypatch: pytest.MonkeyPatch,
    ) -> Cadences:
        return Sequences(sequences, worker, outreach, store, monkeypatch)
