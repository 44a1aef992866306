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
from dealwright.values.phone_numbers import e164
from store.contact_tables import channel_wishes
from store.suppression import opted_out_since
from store.tables import away, reservations


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Whom a person is to reach, by their address of mail and their number, in normal form, and how.

    ``allowed_at`` is when the deal was told last that they may be: an older refusal holds no longer.
    """

    addresses: tuple[str, ...]
    channel: str
    allowed_at: datetime | None = None

    @classmethod
    def of(cls, effect: CreateTask | SendSms) -> Reach | None:
        """Whom it reaches; None where it reaches nobody, or somebody whose address is not known."""
        contact = effect.to if isinstance(effect, SendSms) else effect.reaches
        if contact is None or effect.channel is None:
            return None
        known = dict.fromkeys(filter(None, (contact.email and normal(contact.email), e164(contact.phone))))
        return cls(addresses=tuple(known), channel=effect.channel, allowed_at=effect.allowed_at) if known else None


async def check(connection: AsyncConnection, reach: Reach, now: datetime, heard_by: datetime) -> Outcome | None:
    """What becomes of the work instead, for what its contact told other deals; None when nothing keeps it.

    ``heard_by`` is the latest time at which something may have been told that is so already.
    """
    refused_at = await _refused_at(connection, reach)
    if refused_at is not None and (reach.allowed_at is None or reach.allowed_at < refused_at):
        reason = f"they do not want to be reached by the channel {reach.channel}, as another deal was told"
        return Outcome(effect="", kind="", status="deferred", reason=reason, refused_at=refused_at)
    gone = (away.c.address.in_(reach.addresses), away.c.until > now, away.c.told_at <= heard_by)
    longest = select(away.c.until, away.c.told_at).where(*gone).order_by(away.c.until.desc()).limit(1)
    absent = (await connection.execute(longest)).one_or_none()
    if absent is None:
        return None
    away_for = {"until": absent.until, "away_since": absent.told_at}
    return Outcome(
        effect="", kind="", status="deferred", reason="they are away, as another deal was told", **away_for
    )  # fmt: skip


async def _refused_at(connection: AsyncConnection, reach: Reach) -> datetime | None:
    """Since when they refused, by whichever of their addresses; what they said last counts."""
    wishes = channel_wishes.c
    wanted = (wishes.channel == reach.channel, wishes.address.in_(reach.addresses))
    newest = select(wishes.allowed, wishes.told_at).where(*wanted).order_by(wishes.told_at.desc(), wishes.allowed)
    said = (await connection.execute(newest.limit(1))).one_or_none()
    if said is not None and not said.allowed:
        refused_at: datetime = said.told_at
        return refused_at
    if reach.channel not in WRITTEN:
        return None
    for_texts = reach.channel == "sms"
    told = [await opted_out_since(connection, one, for_texts=for_texts) for one in reach.addresses]
    since = max((one for one in told if one is not None), default=None)
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
