"""What people are asked and told: tasks, notices, handoffs, approvals."""

from __future__ import annotations

from typing import ClassVar, Literal

from dealwright.deal import Contact, Deal, Person
from dealwright.effect_base import EffectBase
from dealwright.effects.messages import Cap
from dealwright.terms import Terms
from dealwright.values.recorded import AwareDatetime


class CreateTask(EffectBase):
    """Ask a person to do something by a time."""

    ends_with_its_play: ClassVar[bool] = True
    tells_people: ClassVar[bool] = True
    kind: Literal["create_task"] = "create_task"
    task: str
    role: str
    owner: Person | None = None
    title: str
    due_at: AwareDatetime
    detail: str | None = None
    channel: str | None = None
    """How whoever does it reaches a contact: ``call``, ``social``, ``sms``, ``post``."""
    reaches: Contact | None = None
    """Whom they reach: what this person said to any deal holds, and so does when others reached them."""
    caps: tuple[Cap, ...] = ()
    allowed_at: AwareDatetime | None = None
    """When the deal was told last that they may be reached by the channel: an older refusal holds no longer."""


class CloseTask(EffectBase):
    """Take a task off somebody's list: done elsewhere, or no longer wanted."""

    tells_people: ClassVar[bool] = True
    kind: Literal["close_task"] = "close_task"
    task: str
    how: Literal["done", "cancelled"] | str
    reason: str


class Notify(EffectBase):
    """Tell a role something, in the team's chat."""

    tells_people: ClassVar[bool] = True
    kind: Literal["notify"] = "notify"
    role: str
    owner: Person | None = None
    text: str


class HandOver(EffectBase):
    """Hand a deal to the next owner, with what they need to know, and ask for acceptance."""

    ends_with_its_play: ClassVar[bool] = True
    kind: Literal["hand_over"] = "hand_over"
    handoff: str
    from_role: str
    to_role: str
    to: Person | None = None
    accept_by: AwareDatetime
    pieces: dict[str, str]
    deal: Deal


class RequestApproval(EffectBase):
    """Ask the next in the chain for a yes or no to exact terms."""

    ends_with_its_play: ClassVar[bool] = True
    kind: Literal["request_approval"] = "request_approval"
    approval: str
    role: str
    owner: Person | None = None
    terms: dict[str, str]
    currencies: dict[str, str] = {}
    answer_by: AwareDatetime
    others: tuple[str, ...] = ()
    """The other roles who may answer too: one answer is enough."""

    @property
    def shown(self) -> dict[str, str]:
        """The terms as the approver reads them, money with its currency."""
        return Terms(values=self.terms, currencies=self.currencies).shown()
