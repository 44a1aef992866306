"""What an installation says of its Apollo team: the block ``apollo`` of the connections file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from dealwright.deal import Person
from dealwright.values.addresses import normal
from integrations.kit.connection import BaseUrl, Connection, Secret
from integrations.kit.task_outcomes import OutcomeWords

SOURCE = "apollo"
"""Under which links, notes and events of Apollo are kept."""
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
"""As Apollo names its records."""


class ApolloConnection(Connection):
    """One Apollo team. ``owners`` are ids of users there, in whose name contacts are added."""

    key: Secret
    """A master API key, or one whose scope has the endpoints that ``docs/integrations/apollo.md`` names."""
    base_url: BaseUrl = "https://api.apollo.io"
    email_account: Id | None = None
    """The mailbox that sequences write from, where ``email_accounts`` has none for whoever has the deal."""
    email_accounts: dict[str, Id] = {}
    """E-mail addresses of our people, and the ids of their mailboxes in Apollo."""
    create_contacts: bool = False
    """Whether a contact whom Apollo does not know is made there; without it, they are not enrolled."""
    task_owner: Id | None = None
    """The user who gets tasks that reach contacts, where ``owners`` has nobody for whoever has the task."""
    outcomes: dict[str, str] = {}
    """Outcomes of the playbook's tasks, each with what people write for it, where that is another word."""
    outcome_label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] = "Outcome"
    """What the line of a task's note begins with that says how it ended: ``Outcome: voicemail``."""
    hourly_calls: Annotated[int, Field(ge=50)] = 400
    """How often Apollo takes a call of one kind in an hour: 400 on paid plans, 200 on the free one."""

    def account_of(self, sender: Person | None) -> str | None:
        """The mailbox in whose name a sequence writes."""
        return _of(sender, self.email_accounts) or self.email_account

    @property
    def outcome_words(self) -> OutcomeWords:
        """The words for outcomes that people use."""
        return OutcomeWords(self.outcomes, self.outcome_label)

    def user_of(self, person: Person | None) -> str | None:
        """The user of Apollo who is somebody of ours; None where nobody has said."""
        return _of(person, self.owners)


def _of(person: Person | None, ids: dict[str, str]) -> str | None:
    if person is None or not person.email:
        return None
    return {normal(address): id_ for address, id_ in ids.items()}.get(normal(person.email))
