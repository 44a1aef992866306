"""What became of the deals that were exposed to an experiment, arm by arm, as the journal has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Label, Select, and_, or_, select

from store.database import Store
from store.tables import finished_deals, journal


class ArmResults(BaseModel):
    """The deals of one arm. Each counts from its exposure on; nothing is said of whether a difference is chance."""

    model_config = ConfigDict(frozen=True)

    experiment: str
    arm: str
    first_at: AwareDatetime
    """When the first deal was exposed, in the deal's time."""
    last_at: AwareDatetime
    exposed: int
    """How many deals were."""
    facts: dict[str, int]
    """For each fact that was asked for, in how many of them it happened since."""
    won: int
    """How many were won since."""
    open: int
    """How many are not over, won or not."""
    ended: dict[str, int]
    """How many are over, by outcome."""


class _Exposure(NamedTuple):
    deal_id: str
    experiment: str
    arm: str
    number: int
    at: datetime
    outcome: str | None


async def results(store: Store, experiment: str | None = None, *, facts: Collection[str] = ()) -> list[ArmResults]:
    """The results of an experiment, or of all, by its name and the arms.

    A fact counts by when it happened, also if it was taken back later. The journal lags, as a playbook says under
    ``journal_lag``.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        found = await connection.execute(_exposures(experiment))
        exposures = [_Exposure(one.deal_id, one.experiment, one.arm, one.number, one.at, one.outcome) for one in found]
        news = await connection.execute(_news(experiment, facts))
        since = _Since((one.deal_id, one.number, one.fact, one.happened_at) for one in news)
    arms: dict[tuple[str, str], list[_Exposure]] = {}
    for one in exposures:
        arms.setdefault((one.experiment, one.arm), []).append(one)
    return [_results(arms[key], since, facts) for key in sorted(arms)]


class _Since:
    """What happened to deals, from a moment of each on."""

    def __init__(self, news: Iterable[tuple[str, int, str | None, str | None]]) -> None:
        self._won: dict[str, int] = {}
        self._facts: dict[tuple[str, str], datetime] = {}
        for deal_id, number, fact, happened_at in news:
            if fact is None or happened_at is None:
                self._won[deal_id] = max(number, self._won.get(deal_id, 0))
                continue
            at = datetime.fromisoformat(happened_at)
            self._facts[deal_id, fact] = max(at, self._facts.get((deal_id, fact), at))

    def was_won(self, one: _Exposure) -> bool:
        return self._won.get(one.deal_id, 0) > one.number

    def heard(self, one: _Exposure, fact: str) -> bool:
        last = self._facts.get((one.deal_id, fact))
        return last is not None and last >= one.at


def _results(deals: list[_Exposure], since: _Since, facts: Collection[str]) -> ArmResults:
    ended = Counter(one.outcome for one in deals if one.outcome is not None)
    return ArmResults(
        experiment=deals[0].experiment, arm=deals[0].arm, exposed=len(deals),
        first_at=min(one.at for one in deals), last_at=max(one.at for one in deals),
        facts={fact: sum(since.heard(one, fact) for one in deals) for fact in facts},
        won=sum(since.was_won(one) for one in deals),
        open=len(deals) - ended.total(), ended=dict(sorted(ended.items())),
    )  # fmt: skip


def _exposed(experiment: str | None) -> ColumnElement[bool]:
    is_exposure = journal.c.kind == "experiment_exposed"
    return is_exposure if experiment is None else is_exposure & (_part("experiment") == experiment)


def _part(name: str) -> Label[str]:
    text: Label[str] = journal.c.entry[name].as_string().label(name)
    return text


def _exposures(experiment: str | None) -> Select[tuple[str, str, str, int, datetime, str]]:
    return (
        select(
            journal.c.deal_id, _part("experiment"), _part("arm"), journal.c.number, journal.c.at,
            finished_deals.c.outcome,
        )
        .outerjoin(finished_deals, finished_deals.c.deal_id == journal.c.deal_id)
        .where(_exposed(experiment))
    )  # fmt: skip


def _news(experiment: str | None, facts: Collection[str]) -> Select[tuple[str, int, str | None, str | None]]:
    """When these deals were won, and when the facts happened to them."""
    deals = select(journal.c.deal_id).where(_exposed(experiment))
    won = and_(journal.c.kind == "stage_entered", _part("marks") == "won")
    told = and_(journal.c.kind == "fact_taken", _part("fact").in_(sorted(facts)))
    return select(journal.c.deal_id, journal.c.number, _part("fact"), _part("happened_at")).where(
        journal.c.deal_id.in_(deals), or_(won, told) if facts else won
    )
