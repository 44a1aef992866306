"""A deal's record in Pipedrive: where it is, how it is opened once, and what an update writes into it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from pydantic import JsonValue

from dealwright.effects import UpdateCrm
from integrations.kit.crossing import MOST_ROUNDS, Decided, crossed
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part
from integrations.kit.errors import NotHandedOver, Refused
from integrations.pipedrive import values
from integrations.pipedrive.changes import JsonObject, followed
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.own_writes import as_told, own_writes_to, parts_of, updated_at
from integrations.pipedrive.records import DealRecord, text_of
from integrations.pipedrive.settings import KEY_NAME, LOST, SOURCE, WON, PipedriveConnection
from integrations.pipedrive.users import Users
from store import links, mirror
from store.database import Store
from store.errors import StoreAway

SEARCH_LAG = timedelta(minutes=1)
"""How long a search may not find what was written; Pipedrive does not say."""
_DECIDED = "~decided:"
"""Before the name of a field, in what is mirrored: what the last update of it is to write, at the deal's time."""
_TOGETHER = {"value", "currency"}
"""Fields that are mirrored as one."""
_OPENED_BY_ONE = timedelta(minutes=5)
"""How long after its last attempt one effect alone may open a deal's record; then the next one that needs it may. It is
longer than a call and the search for what it made take together."""
_SOON = timedelta(seconds=2)
_ENDS = {"won": WON, "lost": LOST}
_T = TypeVar("_T")


@dataclass(frozen=True)
class DealRecords:
    """The deals of one Pipedrive company."""

    client: PipedriveClient
    store: Store
    connection: PipedriveConnection
    users: Users

    async def linked(self, deal_id: str) -> str | None:
        """The Pipedrive deal that a deal is linked to.

        Raises:
            NotHandedOver: the database does not answer.
        """
        found = await kept(links.objects_of(self.store, deal_id, SOURCE, "deal"))
        return found[0] if found else None

    async def require(self, deal_id: str) -> str:
        """The Pipedrive deal of a deal that has been opened there.

        Raises:
            NotHandedOver: it is not linked, or the database does not answer.
        """
        if (there := await self.linked(deal_id)) is None:
            raise NotHandedOver(f"the deal {deal_id} is not linked to one in Pipedrive")
        return there

    async def opened(self, deal_id: str, effect_id: str, update: UpdateCrm | None = None) -> tuple[Part, ...]:
        """What opens the deal in Pipedrive, if it is not there.

        Pipedrive keeps our key not unique, so one effect alone opens it, and the others wait for that.

        Raises:
            NotHandedOver: another effect opens it, or Pipedrive or the database cannot be asked now.
            Refused: no stage is mapped, or our field is missing.
        """
        if await self.linked(deal_id) is not None:
            return ()
        key = await self.client.key_field("deal")
        if key is None:
            raise Refused(f"Pipedrive has no field {KEY_NAME!r}: run dealwright integration check pipedrive --repair")
        first: JsonObject = {"title": deal_id, **self._first_stage()}
        if update is not None:
            first |= {name: value for name, value in (await self.fields(update, None)).items() if value is not None}
        if isinstance(first.get("value"), int | float) and "currency" not in first:
            del first["value"]
        now = datetime.now(UTC)
        claim = mirror.claim(
            self.store, SOURCE, f"opening:{deal_id}", effect_id, now, unless_held_since=now - _OPENED_BY_ONE
        )
        if (opens := await kept(claim)) != effect_id:
            raise NotHandedOver(f"{opens} opens the deal in Pipedrive", retry_after=_SOON)
        return (Part(name="open", delivery=self._opening(deal_id, {**first, "custom_fields": {key: deal_id}}, key)),)

    async def fields(self, effect: UpdateCrm, there: str | None) -> JsonObject:
        """What an update writes into the deal ``there``, or into a new one.

        Raises:
            Refused: a stage has no counterpart in Pipedrive.
            NotHandedOver: Pipedrive or the database cannot be asked now.
        """
        wanted: JsonObject = {}
        if effect.writes("outcome") and effect.outcome in _ENDS:
            wanted |= self._stage(f"closed_{effect.outcome}")
            if effect.outcome == "lost" and effect.reason:
                wanted["lost_reason"] = effect.reason[: values.LONGEST_REASON]
        elif effect.writes("stage") or there is None:
            wanted |= self._stage(effect.stage)
        if effect.writes("amount"):
            wanted |= values.amount(effect.amount)
        if effect.writes("title") and effect.title:
            wanted["title"] = effect.title[: values.LONGEST_SUBJECT]
        if effect.writes("close_on"):
            wanted["expected_close_date"] = effect.close_on.isoformat() if effect.close_on else None
        if effect.writes("owner") and (owner := await self.users.id_of(effect.owner)) is not None:
            wanted["owner_id"] = owner
        return wanted

    async def write(self, there: str, wanted: JsonObject, at: datetime) -> None:
        """Write what was decided at a time of the deal's; the same again changes nothing.

        What was decided later stands there in the end, also where two updates cross (``integrations.kit.crossing``).

        Raises:
            NotHandedOver, Refused, Unanswered: Pipedrive did not take it, or the database does not answer.
            StoreAway: the database did not answer after that.
        """
        held = await kept(mirror.known(self.store, SOURCE, f"deal:{there}"))
        due = _not_overtaken(wanted, held, at)
        decided = {f"{_DECIDED}{name}": value for name, value in due.items()}
        await kept(mirror.note(self.store, SOURCE, f"deal:{there}", decided, at))
        fresh = _not_there(due, held)
        await self._are_there(there, (due.keys() - fresh.keys()) & held.keys(), held)
        if not fresh and len(due) == len(wanted):
            return
        for _ in range(MOST_ROUNDS):
            fresh = await self._crossed(await self._put(there, fresh), wanted, at)
            if not fresh:
                return
        raise NotHandedOver("several updates of the deal were written at the same time")

    async def _put(self, there: str, fields: JsonObject) -> DealRecord:
        """Write fields, if there are any, and return what the deal holds then."""
        if not fields:
            if (read := await self.client.deal(there)) is None:
                raise Refused(f"Pipedrive has no deal {there} any more")
            return read
        written = await own_writes_to(self.store).write(
            f"deal:{there}", as_told(fields), lambda: self.client.update(DealRecord, "deals", there, fields), updated_at
        )
        held = followed(written)
        await self._note(written, {name: held[name] for name in parts_of(fields)})
        return written

    async def _are_there(self, there: str, names: Iterable[str], held: Mapping[str, mirror.Mirrored]) -> None:
        """Say that our writes of what is held arrived by then, whether they were answered or came back."""
        for name in names:
            await own_writes_to(self.store).answered(f"deal:{there}", {name}, held[name].at)

    async def _crossed(self, shown: DealRecord, wanted: JsonObject, at: datetime) -> JsonObject:
        """What has to be written after all, since an older update was written over a later one."""
        held = await mirror.known(self.store, SOURCE, f"deal:{shown.id}")
        later = {name: held[f"{_DECIDED}{name}"] for name in wanted if f"{_DECIDED}{name}" in held}
        due = crossed(
            {name: _as_text(value) for name, value in wanted.items()},
            at,
            {name: _as_text(getattr(shown, name)) for name in wanted},
            {name: Decided(_as_text(one.value), one.at) for name, one in later.items()},
        )
        again = {name: later[name].value for name in due}
        why = held.get(f"{_DECIDED}lost_reason")
        if why is not None and again.get("status") == "lost" and why.at == later["status"].at:
            again["lost_reason"] = why.value
        return again

    def _opening(self, deal_id: str, first: Mapping[str, JsonValue], key: str) -> Delivery:
        made: list[DealRecord] = []

        async def send() -> str:
            if isinstance(there := await find(), Found):  # opened by an effect that was given up
                return str(there.reference)
            made[:] = [await self.client.create(DealRecord, "deals", first)]
            return f"deal:{made[0].id}"

        async def find() -> Lookup:
            for id_ in await self.client.with_key("deal", deal_id):
                there = await self.client.deal(id_)
                if there is not None and text_of(there.custom_fields, key) == deal_id and not there.is_deleted:
                    made[:] = [there]
                    return Found(f"deal:{id_}")
            return Absent()

        async def arrived(reference: str | None) -> None:
            for deal in made:
                await self._note(deal, followed(deal))
            if reference is not None:
                await links.link(self.store, SOURCE, reference, deal_id)

        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=SEARCH_LAG, arrived=arrived
        )

    async def _note(self, deal: DealRecord, held: Mapping[str, JsonValue]) -> None:
        await mirror.note(self.store, SOURCE, f"deal:{deal.id}", held, deal.update_time)

    def _first_stage(self) -> JsonObject:
        first = next((stage for stage in self.connection.stages.values() if stage.isdecimal()), None)
        if first is None:
            raise Refused("No stage is mapped: write stages: under pipedrive in the connections file")
        return {"stage_id": int(first)}

    def _stage(self, ours: str) -> JsonObject:
        """The stage or the status that shows a stage of ours."""
        theirs = self.connection.stages.get(ours, {"closed_won": WON, "closed_lost": LOST}.get(ours))
        if theirs in {WON, LOST}:
            return {"status": theirs}
        if theirs == "":
            return {}
        if theirs is None or not theirs.isdecimal():
            raise Refused(
                f"The stage {ours!r} has no counterpart in Pipedrive: add it to stages: under pipedrive in the "
                'connections file, as a stage\'s id, as won or lost, or as "" for one that Pipedrive need not show'
            )
        return {"stage_id": int(theirs), "status": "open"}


def _not_overtaken(wanted: JsonObject, held: Mapping[str, mirror.Mirrored], at: datetime) -> JsonObject:
    """What of an update nothing was decided of later. Why a deal was lost goes with its status."""
    times = {name: held[f"{_DECIDED}{name}"].at for name in wanted if f"{_DECIDED}{name}" in held}
    due = {name: value for name, value in wanted.items() if times.get(name, at) <= at}
    if "status" in wanted and "status" not in due:
        due.pop("lost_reason", None)
    return due


def _not_there(due: JsonObject, held: Mapping[str, mirror.Mirrored]) -> JsonObject:
    """What of an update does not stand there already.

    Two stages of ours may be one in Pipedrive: written again, it would undo a move there that we hear of next.
    """
    return {
        name: value
        for name, value in due.items()
        if name not in held or name in _TOGETHER or held[name].value != ("" if value is None else value)
    }


def _as_text(value: object) -> str | None:
    """A value of a field so that it can be compared: written here, or shown by Pipedrive."""
    if isinstance(value, int | float | Decimal):
        return f"{Decimal(str(value)).normalize():f}"
    return None if value is None else str(value)


async def kept(asked: Awaitable[_T]) -> _T:
    """What was asked of the database.

    Raises:
        NotHandedOver: it does not answer.
    """
    try:
        return await asked
    except StoreAway as error:
        raise NotHandedOver(str(error)) from error


def repeatable(send: Callable[[], Awaitable[str | None]], before: tuple[Part, ...] = ()) -> Delivery:
    """A call that changes nothing when it is made again."""
    return Delivery(send=send, idempotency=Idempotency.VENDOR, before=before)
