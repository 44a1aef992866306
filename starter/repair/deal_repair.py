"""Compares a deal's histories with the store, and repairs the store.

After Temporal was restored to an older copy, the journal tells more than the deal knows: these lines are set aside.
After the store was restored to an older copy, it knows less than the deal: its journal, its ledger and the embedded
CRM are written again. What may have been handed over since that copy was made, and of which nobody heard, is
uncertain: it is not handed over again, and the deal asks somebody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from temporalio.client import Client

from dealwright.effects import (
    CloseTask,
    CreateTask,
    Effect,
    HandOver,
    LogActivity,
    Notify,
    Outcome,
    RequestApproval,
    UpdateCrm,
)
from dealwright.entries import DealRefused, Entry
from integrations.embedded.crm import EmbeddedChat, EmbeddedCrm
from integrations.kit.delivery import Delivery
from starter.repair.histories import KnownDeal, read_deal
from store import deal_contacts, journal, open_work, repairs
from store.database import Store, canonical_json
from store.journal import JournalRow

_EXTERNAL = frozenset({"send_email", "send_sms", "hand_over", "request_approval", "notify"})
"""Effects that reach somebody outside the store; the others may be done again."""
_DOUBT = (
    "the store was restored to an older copy, and an attempt at this had begun since: whether it was handed over is "
    "not known"
)


@dataclass
class Findings:
    """What is wrong with one deal's part of the store."""

    deal_id: str
    aside: list[JournalRow] = field(default_factory=list)
    """Lines that the deal does not know."""
    missing: list[tuple[str, Entry]] = field(default_factory=list)
    """Entries that the deal believes to be in the journal, each with the run that wrote it."""
    forgotten: list[tuple[Outcome, Effect | None]] = field(default_factory=list)
    """What became of effects, where the ledger does not know it."""
    uncertain: list[Effect] = field(default_factory=list)
    """Effects that may have been handed over since the store's copy was made."""

    def __bool__(self) -> bool:
        return bool(self.aside or self.missing or self.forgotten or self.uncertain)


async def examine(client: Client, store: Store, deal_id: str, store_from: datetime | None) -> Findings:
    """Compare one deal's histories with the store. ``store_from``: the store is a copy made then (wall clock).

    Raises:
        RPCError, StoreAway: one of them does not answer.
    """
    lines = await journal.story(store, deal_id)  # first: the histories then know of each of them
    known = await read_deal(client, deal_id)
    if any(isinstance(entry, DealRefused) for entry in known.entries.values()):
        return Findings(deal_id)  # an opening that was refused has no story; what stands there is an earlier deal's
    found = Findings(deal_id, aside=_unknown(lines, known))
    standing = {line.number for line in lines} - {line.number for line in found.aside}
    found.missing = [(known.written[n], known.entries[n]) for n in sorted(known.written) if n not in standing]
    started = [effect for effect in known.effects.values() if effect.settled or effect.at_risk]
    open_ = await repairs.unsettled(store, [*(one.effect.id for one in started), *known.withdrawn])
    for one in started:
        if one.effect.id not in open_:
            continue
        if one.settled is not None:
            found.forgotten.append((one.settled, one.effect))
        elif store_from and one.at_risk and one.at_risk >= store_from and one.effect.kind in _EXTERNAL:
            found.uncertain.append(one.effect)
    found.forgotten += [(outcome, None) for effect, outcome in known.withdrawn.items() if effect in open_]
    return found


async def repair(store: Store, found: Findings, *, crm: bool = True, chat: bool = True) -> None:
    """Put right what was found; it may be done again. ``crm``, ``chat``: whether the store is kept in their place.

    Raises:
        StoreAway: the database does not answer; nothing of this deal's journal and ledger was changed.
    """
    for outcome, effect in found.forgotten:
        in_store = chat if isinstance(effect, Notify) else crm
        if effect is not None and outcome.status == "done" and in_store:
            await _keep_again(store, found.deal_id, effect, outcome)
    async with store.writing() as connection:
        await repairs.set_lines_aside(connection, found.deal_id, found.aside)
        await open_work.sync_with_journal(store, connection, found.deal_id)
        await deal_contacts.sync_with_journal(store, connection, found.deal_id)
        for outcome, effect in found.forgotten:
            await repairs.record_outcome(store, connection, found.deal_id, outcome, effect)
        for effect in found.uncertain:
            await repairs.mark_uncertain(store, connection, found.deal_id, effect, _DOUBT)
        by_run = defaultdict[str, list[Entry]](list)
        for run, entry in found.missing:
            by_run[run].append(entry)
        for run, entries in by_run.items():
            await journal.write(store, connection, found.deal_id, entries, run)


def _unknown(lines: Sequence[JournalRow], known: KnownDeal) -> list[JournalRow]:
    """The lines from the first on that the deal does not know, or tells otherwise."""
    for place, line in enumerate(lines):
        entry = known.entries.get(line.number)
        if line.number > known.last or (entry is not None and not _same(line, entry)):
            return list(lines[place:])
    return []


def _same(line: JournalRow, entry: Entry) -> bool:
    stands = journal.ENTRY.validate_python(line.entry)  # both as this release writes them
    return _as_written(stands) == _as_written(entry)


def _as_written(entry: Entry) -> str:
    return canonical_json(entry.model_dump(mode="json", exclude_none=True))


async def _keep_again(store: Store, deal_id: str, effect: Effect, outcome: Outcome) -> None:
    """Write again what the store keeps in the place of a CRM and a chat."""
    if (delivery := await _kept_in_store(store, deal_id, effect, outcome)) is not None:
        await delivery.send()


async def _kept_in_store(store: Store, deal_id: str, effect: Effect, outcome: Outcome) -> Delivery | None:
    crm = EmbeddedCrm(store)
    match effect:
        case CreateTask():
            return await crm.create_task(deal_id, effect)
        case CloseTask():
            return await crm.close_task(deal_id, effect, outcome.at or effect.at)
        case UpdateCrm():
            return await crm.update_deal(deal_id, effect)
        case LogActivity():
            return await crm.log_activity(deal_id, effect)
        case HandOver():
            return await crm.keep_package(deal_id, effect)
        case RequestApproval():
            return await crm.keep_approval_request(deal_id, effect)
        case Notify():
            return await EmbeddedChat(store).tell(deal_id, effect)
    return None
