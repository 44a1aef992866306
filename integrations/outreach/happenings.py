"""What a sequence state or a mailing of Outreach tells of an enrolment: an item for each thing that happened.

Mapping file and reading have the same items under the same ids, since webhooks only name what changed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import JsonValue

from integrations.kit.enrolments import Enrolled, KnownEnrolments
from integrations.outreach.records import Mailing, SequenceState, place_of
from integrations.outreach.settings import SOURCE
from store import mirror
from store.database import Store
from store.own_writes import is_own

Item = dict[str, JsonValue]
_ENDS = {"bounced": "bounced", "opted_out": "opted_out", "failed": "failed"}
_UNDER_WAY = frozenset({"active", "pending"})


class Happenings:
    """Puts records into the form that the mapping file reads."""

    def __init__(self, store: Store) -> None:
        self._store, self._known = store, KnownEnrolments(store, SOURCE)

    async def whose(self, state: str, place: str | None = None) -> Enrolled | None:
        """Which deal's enrolment a sequence state is; None for one that no deal asked for.

        Raises:
            StoreAway: the database does not answer.
        """
        return await self._known.of(state, place)

    async def of_state(self, state: SequenceState) -> list[Item]:
        """How far an enrolment has come; nothing of one that is no deal's.

        Raises:
            StoreAway: the database does not answer.
        """
        who = await self.whose(state.key, place_of(state))
        if who is None:
            return []
        values = state.attributes
        at = values.state_changed_at or values.updated_at
        if (how := _how(state)) is not None:
            return [_ended(state.key, who, at, how)]
        if values.state == "finished":
            known = await mirror.known(self._store, SOURCE, f"sequenceState:{state.key}")
            own = at is not None and is_own(known, "state", "finished", at)
            return [_ended(state.key, who, at, "finished", own=own)]
        step = state.related("sequenceStep")
        if values.state not in _UNDER_WAY or step is None or step == await self._known.seen(state.key, "step"):
            return []
        # Outreach does not say when it came there.
        return [_item(f"sequenceState-{state.key}-step-{step}", who, None, "advanced", step=step)]

    async def of_a_lost_state(self, state: str) -> list[Item]:
        """That somebody deleted a sequence state.

        Raises:
            StoreAway: the database does not answer.
        """
        who = await self.whose(state)
        return [] if who is None else [_ended(state, who, None, "stopped")]

    async def of_mailing(self, mailing: Mailing) -> list[Item]:
        """A reply to a message of an enrolment.

        Raises:
            StoreAway: the database does not answer.
        """
        state, at = mailing.related("sequenceState"), mailing.attributes.replied_at
        prospect, sequence = mailing.related("prospect"), mailing.related("sequence")
        place = f"{prospect}/{sequence}" if prospect and sequence else None
        who = await self.whose(state, place) if state is not None else None
        if who is None or at is None:
            return []
        id_ = f"mailing-{mailing.key}-replied-{at.astimezone(UTC):%Y%m%dT%H%M%S}"
        return [_item(id_, who, at, "replied", subject=mailing.attributes.subject)]


def _how(state: SequenceState) -> str | None:
    """How an enrolment has ended, where the sequence state says it; None for one that is not over, or just finished."""
    values = state.attributes
    if values.state != "finished":
        return _ENDS.get(values.state or "")
    if values.opt_out_count:
        return "opted_out"
    return "replied" if values.reply_count or values.replied_at is not None else None


def _ended(state: str, who: Enrolled, at: datetime | None, how: str, *, own: bool = False) -> Item:
    """Whoever replies after the end is told to have replied, under another id: of one id there is one content."""
    stamp = f"-{at.astimezone(UTC):%Y%m%dT%H%M%S}" if at is not None else ""
    return _item(f"sequenceState-{state}-ended-{how}{stamp}", who, at, "own" if own else "ended", how=how)


def _item(id_: str, who: Enrolled, at: datetime | None, happened: str, **more: JsonValue) -> Item:
    when: Item = {} if at is None else {"at": at.astimezone(UTC).isoformat()}
    return {**who.noted(), **when, "id": id_, "happened": happened, **more}
