"""Lets the deals of a run adopt its playbook, one by one, or go back; what is done is kept after each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dealwright.client.errors import CommandIdReused, CommandRefused, DealFinished, NoSuchDeal, TemporalAway
from dealwright.commands import AdoptPlaybook
from dealwright.entries import Entry, PlaybookAdopted
from dealwright.impact.leaving import left_because
from dealwright.playbook.differences.compare import Bundle
from dealwright.playbook.loading import load_pinned
from starter.audit_entries import CALLER
from store import adoptions, audit, bundles, journal
from store.adoptions import AdoptingDeal, Adoption, Back
from store.audit import AuditEntry

if TYPE_CHECKING:
    from dealwright.client.deal_client import DealClient
    from dealwright.decision import Verdict
    from store.database import Store

_GONE = (DealFinished, NoSuchDeal)


class AdoptingDeals:
    """The deals of one run, each asked under an id of the run: asked again, a deal answers as before."""

    def __init__(self, client: DealClient, store: Store, adoption: Adoption) -> None:
        self._client, self._store, self._adoption = client, store, adoption
        self._bundles: dict[str, Bundle] = {}

    @property
    def id(self) -> str:
        """The run's."""
        return self._adoption.run

    async def adopt(self, deal: AdoptingDeal) -> AdoptingDeal:
        """Ask one deal to adopt the playbook. What cannot be reached now stays to be done.

        Raises:
            StoreError: what became of it cannot be kept.
        """
        this = self._adoption
        try:
            if deal.before is None:  # else it was asked before, and perhaps follows the new playbook by now
                seen = await self._client.snapshot(deal.deal_id)
                if seen.bundle == this.bundle:
                    return await self._keep(deal, state="followed", said="It follows this version already.")
                deal = await self._keep(deal, state="asked", before=seen.bundle)
            verdict = await self._ask(deal, this.playbook, this.bundle, f"adopt-{this.run}", this.why, this.comes)
        except _GONE as error:
            return await self._keep(deal, state="gone", said=str(error))
        except (CommandRefused, CommandIdReused) as error:
            return await self._keep(deal, state="refused", said=str(error))
        except TemporalAway as error:
            return deal.model_copy(update={"said": str(error)})
        if not verdict.decided:
            return await self._keep(deal, said=verdict.text)
        done = "adopted" if this.comes == "now" else "planned"
        return await self._keep(deal, state=done if verdict.accepted else "refused", said=verdict.text)

    async def go_back(self, deal: AdoptingDeal) -> AdoptingDeal:
        """Let one deal follow again what it followed before, unless something has left because of the new playbook.

        Raises:
            StoreError: what became of it cannot be kept.
        """
        this = self._adoption
        try:
            seen = await self._client.snapshot(deal.deal_id)
            if seen.bundle == this.bundle:
                left = await self._left(deal)
                if left is None or left:
                    text = "; ".join(left or ("its story cannot be read to the end now",))
                    return await self._keep(deal, back="left" if left else None, said=f"It stays: {text}.")
            elif seen.adopts_at_next_stage != this.bundle and deal.back != "asked":
                return await self._keep(deal, back="moved_on", said="It follows another playbook since.")
            deal = await self._keep(deal, back="asked")
            old = await self._bundle(deal.before or "")
            why = f"back from {this.run}"
            verdict = await self._ask(deal, old.playbook.playbook, deal.before or "", f"back-{this.run}", why, "now")
        except _GONE as error:
            return await self._keep(deal, back="gone", said=str(error))
        except (CommandRefused, CommandIdReused) as error:
            return await self._keep(deal, back="refused", said=str(error))
        except TemporalAway as error:
            return deal.model_copy(update={"said": str(error)})
        if not verdict.decided:
            return await self._keep(deal, said=verdict.text)
        back: Back = "went_back" if verdict.accepted else "refused"
        return await self._keep(deal, back=back, said=verdict.text)

    async def _ask(self, deal: AdoptingDeal, playbook: str, bundle: str, id_: str, why: str, when: str) -> Verdict:
        order = AdoptPlaybook.model_validate(
            {"by": self._adoption.by, "why": why, "playbook": playbook, "bundle": bundle, "when": when}
        )
        verdict = await self._client.command(deal.deal_id, order, command_id=id_)
        result = "undecided" if not verdict.decided else "done" if verdict.accepted else "refused"
        entry = AuditEntry.model_validate(
            {
                "at": datetime.now(UTC), "caller": CALLER, "by": self._adoption.by, "operation": "give_adopt_playbook",
                "deal_id": deal.deal_id, "idempotency_key": id_, "result": result,
            }
        )  # fmt: skip
        await audit.write(self._store, [entry])
        return verdict

    async def _left(self, deal: AdoptingDeal) -> tuple[str, ...] | None:
        """What has left the deal because of the new playbook; None when its story cannot be read to the end."""
        entries = await self._story(deal.deal_id)
        if entries is None:
            return None
        is_it = [isinstance(one, PlaybookAdopted) and one.bundle == self._adoption.bundle for one in entries]
        if True not in is_it:
            return None
        since = entries[len(is_it) - is_it[::-1].index(True) :]
        return left_because(since, await self._bundle(deal.before or ""), await self._bundle(self._adoption.bundle))

    async def _story(self, deal_id: str) -> Sequence[Entry] | None:
        """From the journal, and what the present run has not written there yet; None if lines are missing between."""
        lines = await journal.story(self._store, deal_id)
        entries = [journal.ENTRY.validate_python(line.entry) for line in lines]
        last = entries[-1].number or 0 if entries else 0
        entries += [one for one in await self._client.story(deal_id) if (one.number or 0) > last]
        numbers = [one.number for one in entries]
        return entries if numbers == list(range(1, len(numbers) + 1)) else None

    async def _bundle(self, bundle: str) -> Bundle:
        if bundle not in self._bundles:
            files = await bundles.load(self._store, bundle)
            self._bundles[bundle] = Bundle(load_pinned(files), files)
        return self._bundles[bundle]

    async def _keep(self, deal: AdoptingDeal, **changes: object) -> AdoptingDeal:
        deal = deal.model_copy(update=changes)
        await adoptions.note(self._store, self._adoption.run, deal)
        return deal
