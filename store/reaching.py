"""The last checks before a person is asked to reach a contact by a channel: what this person told any deal.

Such work counts against a cap from when it is asked for. Once it is done, it counts from then; what is called off
counts no longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.effects import CreateTask, Outcome, SendSms
from dealwright.entries import Entry, TaskClosed, TaskOpened
from dealwright.facts.outreach import WRITTEN
from dealwright.identity import first_id
from dealwright.values.addresses import normal
from store.contact_tables import channel_wishes
from store.suppression import opted_out_since
from store.tables import away, reservations


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Whom a person is to reach, by the normal form of their address, and how.

    ``allowed_at`` is when the deal was told last that they may be: an older refusal holds no longer.
    """

    address: str
    channel: str
    allowed_at: datetime | None = None

    @classmethod
    def of(cls, effect: CreateTask | SendSms) -> Reach | None:
        """Whom it reaches; None where it reaches nobody, or somebody whose address is not known."""
        if isinstance(effect, SendSms):
            address = normal(effect.to.email) if effect.to.email else effect.address
            return cls(address=address, channel=effect.channel, allowed_at=effect.allowed_at) if address else None
        if effect.channel is None or effect.reaches is None or not effect.reaches.email:
            return None
        return cls(address=normal(effect.reaches.email), channel=effect.channel, allowed_at=effect.allowed_at)


async def check(connection: AsyncConnection, reach: Reach, now: datetime, heard_by: datetime) -> Outcome | None:
    """What becomes of the work instead, for what its contact told other deals; None when nothing keeps it.

    ``heard_by`` is the latest time at which something may have been told that is so already.
    """
    refused_at = await _refused_at(connection, reach)
    if refused_at is not None and (reach.allowed_at is None or reach.allowed_at < refused_at):
        reason = f"they do not want to be reached by the channel {reach.channel}, as another deal was told"
        return Outcome(effect="", kind="", status="deferred", reason=reason, refused_at=refused_at)
    gone = (away.c.address == reach.address, away.c.until > now, away.c.told_at <= heard_by)
    absent = (await connection.execute(select(away.c.until, away.c.told_at).where(*gone))).one_or_none()
    if absent is None:
        return None
    away_for = {"until": absent.until, "away_since": absent.told_at}
    return Outcome(
        effect="", kind="", status="deferred", reason="they are away, as another deal was told", **away_for
    )  # fmt: skip


async def _refused_at(connection: AsyncConnection, reach: Reach) -> datetime | None:
    wishes = channel_wishes.c
    wanted = (wishes.channel == reach.channel, wishes.address == reach.address)
    said = (await connection.execute(select(wishes.allowed, wishes.told_at).where(*wanted))).one_or_none()
    if said is not None and not said.allowed:
        refused_at: datetime = said.told_at
        return refused_at
    since = await opted_out_since(connection, reach.address) if reach.channel in WRITTEN else None
    return None if since is None or (said is not None and since <= said.told_at) else since


async def follow(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Let work that was done count from then on, and what was called off no longer, in the caller's transaction.

    What is asked for again, of somebody else or by another time, counts as before.
    """
    again = {first_id(entry.task) for entry in entries if isinstance(entry, TaskOpened)}
    for entry in entries:
        if not isinstance(entry, TaskClosed) or (asked := first_id(entry.task)) in again:
            continue
        counted = reservations.c.effect_id == asked
        if entry.how == "done":
            await connection.execute(update(reservations).where(counted).values(at=entry.at))
        else:
            await connection.execute(delete(reservations).where(counted))
