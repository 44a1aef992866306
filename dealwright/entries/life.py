"""How a deal begins, goes on under other rules or terms, and ends."""

from __future__ import annotations

from typing import Literal

from dealwright.deal import Deal, EndReason
from dealwright.entries.base import EntryBase
from dealwright.values.recorded import AwareDatetime


class DealOpened(EntryBase):
    """The deal was let in; what was known then, and the playbook it follows."""

    kind: Literal["deal_opened"] = "deal_opened"
    deal: Deal
    playbook: str
    bundle: str
    """Content hash of the bundle that the deal follows."""

    def sentence(self) -> str:
        return f"Deal opened ({self.deal.source or 'no source'}), follows {self.playbook}"


class DealRefused(EntryBase):
    """The deal was not let in; its run ends with the error."""

    kind: Literal["deal_refused"] = "deal_refused"
    error: str

    def sentence(self) -> str:
        return f"Deal refused: {self.error}"


class PlaybookAdopted(EntryBase):
    """The deal follows other rules from here on."""

    kind: Literal["playbook_adopted"] = "playbook_adopted"
    playbook: str
    bundle: str
    leaves_when: str | None = None
    """What it takes to leave the stage now, in words."""
    owner_role: str | None = None
    """Who owns the stage that the deal has just entered, where it adopts the playbook on its way."""
    stalls_at: AwareDatetime | None = None
    """When that stage has taken too long."""
    marks: str | None = None
    """What entering that stage means."""
    keeps: tuple[str, ...] = ()
    """The runs that were set aside, should the deal go back to the playbook that it comes from."""

    def sentence(self) -> str:
        return f"Now follows {self.playbook} ({self.bundle[:12]})"


class AdoptionPlanned(EntryBase):
    """The deal will follow another playbook from when it next enters a stage that this one has."""

    kind: Literal["adoption_planned"] = "adoption_planned"
    playbook: str
    bundle: str
    by: str
    why: str

    def sentence(self) -> str:
        return f"Will follow {self.playbook} ({self.bundle[:12]}) from its next stage on, says {self.by}: {self.why}"


class AdoptionDropped(EntryBase):
    """The deal will not follow the other playbook from its next stage on."""

    kind: Literal["adoption_dropped"] = "adoption_dropped"
    playbook: str
    bundle: str
    by: str
    why: str

    def sentence(self) -> str:
        return (
            f"Will not follow {self.playbook} ({self.bundle[:12]}) from its next stage on, says {self.by}: {self.why}"
        )


class TermBegan(EntryBase):
    """A contract term began; the first is 1."""

    kind: Literal["term_began"] = "term_began"
    term: int

    def sentence(self) -> str:
        return f"Contract term {self.term} begins"


class DealReopened(EntryBase):
    """A deal whose life was over goes on."""

    kind: Literal["deal_reopened"] = "deal_reopened"
    by: str
    why: str
    was: str
    """How it had ended."""

    def sentence(self) -> str:
        return f"Reopened by {self.by}: {self.why} (it was {self.was})"


class DealClosed(EntryBase, EndReason):
    """The deal's life is over."""

    kind: Literal["deal_closed"] = "deal_closed"
    outcome: str
    reason: str

    def sentence(self) -> str:
        return f"Closed: {self.outcome} - {self.reason}{_explained(self)}"


class EndHeld(EntryBase, EndReason):
    """The deal is about to end, and is held while somebody is asked for what the reason lacks."""

    kind: Literal["end_held"] = "end_held"
    outcome: str
    reason: str
    until: AwareDatetime

    def sentence(self) -> str:
        return (
            f"Held until {self.until:%a %d %b %Y} before it is {self.outcome} - {self.reason}{_explained(self)}: "
            "what the reason lacks is asked first"
        )


class EndExplained(EntryBase, EndReason):
    """Somebody said why the deal ended, after it did."""

    kind: Literal["end_explained"] = "end_explained"
    by: str

    def sentence(self) -> str:
        return f"{self.by} says why it ended{_explained(self)}"


def _explained(why: EndReason) -> str:
    competitor = f", chose {why.competitor}" if why.competitor else ""
    back = f", come back on {why.back_on}" if why.back_on else ""
    return f" ({why.reason_code}{competitor}{back})" if why.reason_code else ""
