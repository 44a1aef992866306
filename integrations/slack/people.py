"""Who is who: our people by their e-mail addresses, Slack's by their ids."""

from __future__ import annotations

from dealwright.deal import Person
from integrations.kit.errors import Refused
from integrations.slack.client import SlackClient
from integrations.slack.settings import SlackConnection


class SlackPeople:
    """The members of one workspace; the connection's ``owners`` go before what Slack knows."""

    def __init__(self, connection: SlackConnection, client: SlackClient) -> None:
        self._client = client
        self._ids = {email.lower(): user for email, user in connection.owners.items()}
        self._addresses = {user: email for email, user in connection.owners.items()}
        self._team: str | None = None

    async def direct_messages(self, person: Person) -> str | None:
        """The conversation with a person; None for whom Slack does not know, or not any more."""
        if not person.email:
            return None
        user = self._ids.get(person.email.lower()) or await self._client.person_of(person.email)
        return None if user is None else await self._client.direct_messages(user)

    async def address_of(self, user: str) -> str:
        """The e-mail address of a member, by which deals know them.

        Raises:
            Refused: they have none here, or do not belong here; in words for themselves.
            NotHandedOver: Slack cannot say now.
        """
        member = await self._client.member(user)
        if member is None or member.deleted or member.is_bot:
            raise Refused("Slack knows nobody here who could have pressed this.")
        if member.is_stranger or member.team_id != await self._own_team():
            raise Refused("Only members of this workspace can answer here.")
        address = self._addresses.get(user) or member.profile.email
        if "@" not in address:
            raise Refused(
                "Slack tells no e-mail address of yours, so nobody knows whose answer this is. "
                "Whoever runs Dealwright can name you under `owners`."
            )
        return address

    async def _own_team(self) -> str:
        if self._team is None:
            self._team = (await self._client.installation()).team_id
        return self._team
