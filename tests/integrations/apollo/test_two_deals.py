"""Two deals that enrol the same contact in the same sequence of Apollo at one moment."""

from __future__ import annotations

from itertools import count

import pytest

from activities.once_only import Prepare
from dealwright.effects import EnrolContact, Outcome
from integrations.apollo.records import place
from integrations.apollo.sequences import ApolloSequences
from integrations.kit.enrolments import KnownEnrolments
from integrations.kit.simulator.process import RunningSimulator
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.apollo.enrolling import SEQUENCE, contacts_of, in_apollo, timeline_of, until_settled
from tests.integrations.enrolments import kit_places
from tests.integrations.enrolments.effects import its_stop
from tests.integrations.enrolments.two_deals import Cadences, Taking, TwoDeals

_numbers = count(1)


class Sequences(Cadences):
    """Apollo's."""

    def __init__(
        self,
        sequences: ApolloSequences,
        worker: Worker,
        apollo: RunningSimulator,
        store: Store,
        patch: pytest.MonkeyPatch,
    ) -> None:
        self._sequences, self.worker, self._apollo, self._store = sequences, worker, apollo, store
        self._patch, self.effect = patch, in_apollo(f"two-{next(_numbers)}")

    def prepare(self, effect: EnrolContact) -> Prepare:
        return lambda: self._sequences.enrol(effect.id.partition("/")[0], effect)

    async def settled(self, effect: EnrolContact) -> Outcome:
        return await until_settled(self.worker, self._sequences, effect)

    async def stopped(self, effect: EnrolContact) -> None:
        await until_settled(self.worker, self._sequences, its_stop(effect))

    async def finished(self) -> None:
        await self._apollo.change(do="finish", email=self.effect.address)

    def take_places(self, taking: Taking) -> None:
        kit_places.take_places(self._patch, taking)

    async def are_in(self) -> int:
        (contact,) = await contacts_of(self._apollo, self.effect.address)
        return len([one for one in contact["statuses"] if one["status"] == "active"])

    async def times_added(self) -> int:
        return (await timeline_of(self._apollo, self.effect.address)).count("enrolled")

    async def whose(self) -> str | None:
        (contact,) = await contacts_of(self._apollo, self.effect.address)
        meant = await KnownEnrolments(self._store, "apollo").meant_at(place(contact["id"], SEQUENCE))
        return meant.who.deal if meant else None


class TestTwoDeals(TwoDeals):
    """In Apollo."""

    @pytest.fixture
    def cadences(
        self,
        sequences: ApolloSequences,
        worker: Worker,
        apollo: RunningSimulator,
        store: Store,
        monkeypatch: pytest.MonkeyPatch,
    ) -> Cadences:
        return Sequences(sequences, worker, apollo, store, monkeypatch)
