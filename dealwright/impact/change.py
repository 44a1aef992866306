"""What would change for one deal, as data and as sentences."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from dealwright.values.recorded import AwareDatetime
from dealwright.values.times import in_full

What = Literal["stopped", "begun", "not_begun", "added", "dropped", "moved", "entered"]
Kind = Literal["play", "touch", "task", "approval", "handoff", "stage"]
_SAID: dict[What, str] = {
    "stopped": "is stopped",
    "begun": "begins",
    "not_begun": "no longer begins",
    "added": "is added",
    "dropped": "is dropped",
    "moved": "comes at another time",
    "entered": "is entered at once",
}


class Change(BaseModel):
    """One thing that would come about in another way. Times are the deal's own."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    what: What
    name: str
    """The play, the template of the touch, the name of the task, approval or handoff, or the stage."""
    play: str | None = None
    """The play that does it."""
    before: AwareDatetime | None = None
    """When it would come if the deal went on as it is."""
    after: AwareDatetime | None = None
    """When it would come if the deal adopted the other playbook."""
    why: str = ""

    def sentence(self) -> str:
        """The change, for people; times are in UTC."""
        times = [in_full(at) for at in (self.before, self.after) if at is not None]
        when = f" ({' -> '.join(times)})" if times else ""
        of = f" of {self.play}" if self.play and self.kind != "play" else ""
        return f"{self.kind} {self.name}{of} {_SAID[self.what]}{when}{f': {self.why}' if self.why else ''}"


class Impact(BaseModel):
    """What adopting another playbook would change for one deal."""

    model_config = ConfigDict(frozen=True)

    deal_id: str
    stage: str | None = None
    bundle: str | None = None
    """What the deal follows now, by its content hash."""
    cannot: str | None = None
    """Why the deal cannot adopt the playbook, and what to do instead; None when it can."""
    verdict: str = ""
    """What the deal itself would answer."""
    changes: tuple[Change, ...] = ()
