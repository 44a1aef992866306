"""What an installation says of its Outreach organization: the block ``outreach`` of the connections file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from dealwright.deal import Person
from dealwright.values.addresses import normal
from integrations.kit.connection import BaseUrl, Connection, PageUrl, Secret, WebhookUrl
from integrations.kit.task_outcomes import OutcomeWords

SOURCE = "outreach"
"""Under which notes and events of Outreach are kept."""
_Id = Annotated[int, Field(ge=1)]


class OutreachConnection(Connection):
    """One Outreach organization, as the user who let the app in. ``owners`` are ids of users there."""

    client_id: str
    """The app's, as Outreach's developer portal shows it."""
    client_secret: Secret
    refresh_token: Secret
    """What the user who let the app in got for it. Each renewal brings the next one, which is kept in the store."""
    redirect_uri: PageUrl | None = None
    """The app's, which Outreach wants to hear again at each renewal."""
    base_url: BaseUrl = "https://api.outreach.io"
    mailbox: _Id | None = None
    """The mailbox that sequences write from, where ``mailboxes`` has none for whoever has the deal."""
    mailboxes: dict[str, _Id] = {}
    """E-mail addresses of our people, and the ids of their mailboxes in Outreach."""
    create_prospects: bool = False
    """Whether a contact whom Outreach does not know becomes a prospect there; without it, they are not enrolled."""
    task_owner: _Id | None = None
    """The user who gets tasks that reach contacts, where ``owners`` has nobody for whoever has the task."""
    outcomes: dict[str, str] = {}
    """Outcomes of the playbook's tasks, each with what the organization calls that disposition of a call. With any, the
    calls of completed tasks are read for theirs."""
    outcome_label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] = "Outcome"
    """What the line of a task's note begins with that says how it ended: ``Outcome: voicemail``."""
    webhook_url: WebhookUrl | None = None
    """Where Outreach sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/outreach``. With it they are subscribed
    to, and switched on again where Outreach has switched them off."""

    def mailbox_of(self, sender: Person | None) -> int | None:
        """The mailbox in whose name a sequence writes."""
        return _of(sender, self.mailboxes) or self.mailbox

    @property
    def outcome_words(self) -> OutcomeWords:
        """The words for outcomes that people use."""
        return OutcomeWords(self.outcomes, self.outcome_label)

    def user_of(self, person: Person | None) -> int | None:
        """The user of Outreach who is somebody of ours; None where nobody has said."""
        owner = _of(person, {address: int(id_) for address, id_ in self.owners.items() if id_.isdecimal()})
        return owner or None


def _of(person: Person | None, ids: dict[str, int]) -> int | None:
    if person is None or not person.email:
        return None
    return {normal(address): id_ for address, id_ in ids.items()}.get(normal(person.email))
