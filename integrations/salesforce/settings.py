"""What an installation says of its Salesforce org, in the connections file."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from integrations.kit.connection import BaseUrl, Connection, ForecastWord, Secret
from integrations.kit.own_fields import OwnFields

ApiName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]
"""The API name of a field or object."""
RecordId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$")]
SOURCE = "salesforce"
"""What Salesforce is called as a source of events, and in links."""
CLIENT = "Dealwright"
"""What we call ourselves in ``Sforce-Call-Options``. Change events of our own writes carry it."""
VERSION = "v68.0"


class SalesforceConnection(Connection):
    """One org, and how we log in to it: with a signed assertion (JWT), client credentials, or a refresh token.

    Only the last one has a refresh token, which may be good for one use: it is spent once over all workers.
    """

    organization: RecordId
    """The org's id: Setup, Company Information. Outbound messages of another org are refused."""
    login_url: BaseUrl = "https://login.salesforce.com"
    """``https://test.salesforce.com`` for a sandbox, or the address of My Domain. Client credentials need My Domain."""
    base_url: BaseUrl | None = None
    """A simulator's address, in the place of Salesforce's."""
    client_id: str
    """The consumer key of the external client app."""
    username: str | None = None
    """With ``private_key``: the user that we run as."""
    private_key: Secret | None = None
    """In PEM form; its certificate was uploaded to the app."""
    client_secret: Secret | None = None
    """The consumer secret, for client credentials; the app says which user they run as."""

    refresh_token: Secret | None = None
    """The first refresh token of the web server flow, with which somebody let the app in; later ones are kept here."""

    deal_field: ApiName = "Dealwright_Deal__c"
    """The External ID field of opportunities."""
    effect_field: ApiName = "Dealwright_Effect__c"
    """The External ID field of activities."""
    contact_field: ApiName = "Dealwright_Contact__c"
    """The External ID field of contacts."""
    account_field: ApiName = "Dealwright_Account__c"
    """The External ID field of accounts."""
    forecast_field: ApiName | None = "ForecastCategoryName"
    """The picklist of opportunities that says how sure one is; None where the user that we run as may not read it."""
    forecasts: dict[ForecastWord, str] = {}
    """Our words for a forecast, each with the org's name of its category, where the org has names of its own."""
    fields: OwnFields = {}
    """The fields that the playbook declares, each with the field of opportunities that holds it."""
    outcome_field: ApiName | None = None
    """The field of tasks that says how one ended: ``CallDisposition``, or one of your own."""
    outcomes: dict[str, str] = {}
    """Outcomes of the playbook's tasks, each with the org's word for it, where that is another one."""
    loss_reason_field: ApiName | None = None
    """The text field of opportunities that says why one was lost, if there is one."""

    record_type: RecordId | None = None
    """The record type of opportunities: those that we make get it, those of others are left alone."""
    new_stage: str = "Prospecting"
    """The stage of an opportunity that is made before its deal's stage has a word in ``stages``."""
    close_in_days: Annotated[int, Field(ge=0, le=3650)] = 90
    """Salesforce wants a closing date of every opportunity: so many days from now, until a deal knows better."""
    daily_calls: Annotated[int, Field(ge=1)] = 100_000
    """How many calls of its API the org takes in 24 hours, of all programs. What its answers say counts as well."""
    multi_currency: bool = False
    """Whether the org keeps several currencies (Setup, Company Information: Advanced Currency)."""
    open_status: str = "Not Started"
    """The status of a task that is to be done."""
    closed_status: str = "Completed"
    """The status of a task that is done, or no longer wanted. It has to be one that Salesforce counts as closed."""

    change_events: bool = False
    """Whether changes are told by the Pub/Sub API as well. It needs the extra ``salesforce-events``."""
    pubsub: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+:\d{1,5}$")] = "api.pubsub.salesforce.com:7443"
    """Where the Pub/Sub API is."""

    @model_validator(mode="after")
    def _logs_in_one_way(self) -> Self:
        by_assertion = self.username is not None and self.private_key is not None
        otherwise = self.client_secret is not None or self.refresh_token is not None
        if (self.username is None) != (self.private_key is None) or by_assertion == otherwise:
            problem = "it does not say how to log in"
            raise BadValue(problem, "write username: and private_key:, or client_secret:, or refresh_token:")
        return self

    @property
    def tables(self) -> dict[str, dict[str, str]]:
        """What it says in the tables of the mapping file."""
        return {**super().tables, "forecasts": {str(ours): theirs for ours, theirs in self.forecasts.items()}}

    def stage_for(self, stage: str) -> str | None:
        """Salesforce's word for a stage of the playbook; of the ends, its own words unless others are given."""
        return self.stages.get(stage) or {"closed_won": "Closed Won", "closed_lost": "Closed Lost"}.get(stage)
