"""What the steps have in common by which Dealwright itself writes to a contact, whichever way the message goes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from typing_extensions import override

from dealwright.contacts import in_roles
from dealwright.deal import Contact
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Reference, Step
from dealwright.state import DealState


class MessageStep(Step):
    """Send a message to the deal's contact."""

    is_touch: ClassVar[bool] = True
    reaches_out: ClassVar[bool] = True

    to: Word | None = None
    """The role in the buying committee that gets it; by default the deal's first contact who may get it."""
    owner: Word | None = None
    """The role that sends the message; by default the stage's owner."""

    @property
    @abstractmethod
    def template(self) -> str:
        """What its template is called among all of the bundle: ``<name>``, or ``<name>.<way>``."""

    @property
    @abstractmethod
    def is_marketing(self) -> bool:
        """Whether those who opted out are spared the message."""

    @abstractmethod
    def addressee(self, state: DealState, only: str | None = None) -> Contact | str:
        """To whom it goes as things stand, or why to nobody; ``only`` is the contact whom its play runs for."""

    @property
    @override
    def role(self) -> str | None:
        return self.owner

    @override
    def readers(self, state: DealState, only: str | None) -> tuple[str, ...] | None:
        if only is not None or self.to is None:
            return super().readers(state, only)
        return tuple(contact.id for contact in in_roles(state, (self.to,)))

    @override
    def references(self) -> Iterator[Reference]:
        if self.owner is not None:
            yield Reference("role", self.owner, "owner")
