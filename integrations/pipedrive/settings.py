"""What an installation says of its Pipedrive company: the block ``pipedrive`` of the connections file."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from integrations.kit.connection import BaseUrl, Connection, Secret
from integrations.kit.own_fields import OwnFields
from integrations.kit.task_outcomes import OutcomeWords

SOURCE = "pipedrive"
"""Under which links, mirrored values and events of Pipedrive are kept."""
KEY_NAME = "Dealwright key"
"""The custom field of deals, persons and organizations that we create, by which what we made is found; not unique."""
WON, LOST = "won", "lost"
"""In the place of a stage's id: Pipedrive has the ends of a deal as its status, not as stages."""


class PipedriveConnection(Connection):
    """One Pipedrive company, which lets us in with a user's API token, or with an app that a user let in (OAuth 2)."""

    token: Secret | None = None
    """The API token of the user that Dealwright works as: Settings, Personal preferences, API."""
    base_url: BaseUrl | None = None
    """The company's own address: ``https://acme.pipedrive.com``. An app is told it with each access token."""
    client_id: str | None = None
    """The app's, in the place of ``token`` and ``base_url``."""
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    """What the user who let the app in got for it. It is good for as long as it is used once in 60 days."""
    token_url: BaseUrl = "https://oauth.pipedrive.com/oauth/token"  # noqa: S105 - an address
    """Where access tokens are asked for; a simulator's, in the place of Pipedrive's."""
    website_field: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")] | None = None
    """The API key of the text field of organizations, one of your own, that holds their website. With it organizations
    are found by the account's domain, and get it."""
    fields: OwnFields = {}
    """The fields that the playbook declares, each with the API key of the custom field of deals that holds it."""
    outcome_label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] = "Outcome"
    """What the line of an activity's note begins with that says how a task ended: ``Outcome: voicemail``."""
    outcomes: dict[str, str] = {}
    """Outcomes of the playbook's tasks, each with what people write for it, where that is another word."""
    webhook_url: str = ""
    """Where Pipedrive is to send webhooks: the gateway's public address with ``/webhooks/pipedrive``. With it they are
    subscribed to, and again where Pipedrive has deleted them."""
    daily_tokens: Annotated[int, Field(ge=1000)] = 30_000
    """What the company's calls may cost in a day, all its integrations together: 30,000 for each seat, times the
    plan's factor."""
    burst_calls: Annotated[int, Field(ge=5)] = 20
    """How many calls the user's token takes in two seconds: 20 on the smallest plan."""
    poll_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """How often it is read: each time costs about 70 tokens, the look at its webhooks included."""

    @model_validator(mode="after")
    def _lets_us_in_one_way(self) -> Self:
        by_token = (self.token, self.base_url)
        by_app = (self.client_id, self.client_secret, self.refresh_token)
        one, other = (by_token, by_app) if any(by_token) else (by_app, by_token)
        if not all(one) or any(other):
            problem = "it does not say how to be let in"
            raise BadValue(problem, "write token: and base_url:, or client_id:, client_secret: and refresh_token:")
        return self

    @property
    def outcome_words(self) -> OutcomeWords:
        """The words for outcomes that people use."""
        return OutcomeWords(self.outcomes, self.outcome_label)

    @property
    def key(self) -> str:
        """The secret by which Pipedrive knows who calls: by it, limits are counted."""
        given = self.token or self.refresh_token
        return given.get_secret_value() if given else ""
