"""HubSpot read beside its webhooks: what the journal has, and how the account is set up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from integrations.hubspot.changes import COMPANY_PROPERTIES, CONTACT_PROPERTIES, JsonObject, of_journal, with_own_fields
from integrations.hubspot.client import HubSpotClient
from integrations.hubspot.echoes import marked
from integrations.hubspot.journal import Journal, Subscription
from integrations.hubspot.own_key import KEY
from integrations.hubspot.settings import KEYED, HubSpotConnection
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled, Seen
from integrations.kit.tool import Connected
from store.database import Store

_ALL = ["CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE"]
_DEAL_PROPERTIES = ["dealname", "dealstage", "amount", "closedate", "hubspot_owner_id", "hs_manual_forecast_category"]
_DEALS = "0-3"
SUBSCRIBED = {
    _DEALS: _DEAL_PROPERTIES, "0-1": [*CONTACT_PROPERTIES], "0-2": [*COMPANY_PROPERTIES], "0-27": ["hs_task_status"],
}  # fmt: skip
"""What the journal should have, by HubSpot's id of each kind of objects."""
_CANNOT = (NotHandedOver, Refused, Unanswered)


def hubspot_polling(connected: Connected) -> HubSpotPolling:
    """What of a connected HubSpot account can be read."""
    return HubSpotPolling(connected.block(HubSpotConnection), connected.store)


class HubSpotPolling:
    """One HubSpot account. Without the project app's id and secret there is no journal to read."""

    def __init__(self, connection: HubSpotConnection, store: Store) -> None:
        self._connection, self._store = connection, store
        self._client = HubSpotClient(connection, store)
        self._journal = Journal(connection, store) if connection.client_id and connection.client_secret else None
        mapping = shipped_mapping("hubspot")
        self._source = mapping.with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """The entry of the journal after a cursor.

        Raises:
            NotHandedOver, Refused, Unanswered: the journal cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        page = await self._journal.after(cursor) if self._journal else None
        if page is None:
            return Polled(events=(), cursor=cursor or "")
        changes = await marked(self._store, [change for event in page.events for change in of_journal(event)])
        currency = self._connection.settings.get("currency", "")
        told = [with_own_fields(one, self._connection.fields, currency) for one in changes]
        events = events_from(self._source, [*told], datetime.now(UTC)) if told else []
        return Polled(events=tuple(events), cursor=page.offset, more=cursor is not None, seen=_seen(changes))

    async def health(self) -> list[Finding]:
        """How the key, the properties, the pipeline, the stages and the journal are."""
        found = [await self._property(kind) for kind in KEYED]
        found += await self._outcomes()
        found += await self._stages()
        return [*found, *await self._subscriptions()]

    async def repair(self) -> list[Finding]:
        """Create the properties, and subscribe to the journal, where that is missing; what was done."""
        done = []
        for kind, group in KEYED.items():
            try:
                if not await self._client.has_unique_property(kind, KEY):
                    await self._client.create_unique_property(kind, KEY, "Dealwright key", group)
                    done.append(Finding("ok", f"property {KEY} of {kind}", "it was created"))
            except _CANNOT as error:
                done.append(_property_problem(kind, error.reason))
        portal = self._connection.portal_id
        if self._journal is None or portal is None:
            return done
        for type_id in await self._not_subscribed(self._journal):
            await self._journal.subscribe(portal, type_id, _ALL, self._wanted(type_id))
            done.append(Finding("ok", f"journal of {type_id}", "it was subscribed to"))
        return done

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()
        if self._journal:
            await self._journal.close()

    async def _property(self, kind: str) -> Finding:
        try:
            there = await self._client.has_unique_property(kind, KEY)
        except _CANNOT as error:
            return _property_problem(kind, error.reason)
        if there:
            return Finding("ok", f"property {KEY} of {kind}", "it is there, and unique")
        return Finding("problem", f"property {KEY} of {kind}", "it is missing", "run the check with --repair")

    async def _outcomes(self) -> list[Finding]:
        """Whether the property is there that says how tasks ended, where one is named."""
        if (name := self._connection.outcome_property) is None:
            return []
        about = f"property {name} of tasks"
        try:
            there = await self._client.has_property("tasks", name)
        except _CANNOT as error:
            return [_property_problem("tasks", error.reason)]
        if there:
            return [Finding("ok", about, "it is there")]
        return [Finding("problem", about, "it is missing", "make it in HubSpot, with an option for each outcome")]

    async def _stages(self) -> list[Finding]:
        about, wanted = "stages", self._connection.pipeline
        try:
            pipelines = await self._client.pipelines()
        except _CANNOT as error:
            return [Finding("problem", about, error.reason, "look at the service key and its scopes")]
        pipeline = next((one for one in pipelines if one.id == wanted), None)
        if pipeline is None:
            known = ", ".join(one.id for one in pipelines)
            return [Finding("problem", "pipeline", f"there is no pipeline {wanted!r}", f"write one of {known}")]
        ids = {stage.id for stage in pipeline.stages}
        wrong = {ours: theirs for ours, theirs in self._connection.stages.items() if theirs and theirs not in ids}
        if not self._connection.stages:
            return [
                Finding("problem", about, "none is mapped", f"map the playbook's stages to {', '.join(sorted(ids))}")
            ]
        return [
            Finding("problem", f"stage {ours}", f"HubSpot has no stage {theirs!r}", f"write one of {', '.join(ids)}")
            for ours, theirs in wrong.items()
        ] or [Finding("ok", about, f"{len(self._connection.stages)} are mapped to {pipeline.label}")]

    async def _subscriptions(self) -> list[Finding]:
        if self._journal is None:
            remedy = "add client_id and client_secret of the project app, so that missed webhooks are found"
            return [Finding("warning", "journal", "it is not read", remedy)]
        try:
            missing = await self._not_subscribed(self._journal)
        except _CANNOT as error:
            return [Finding("problem", "journal", error.reason, "look at the project app's id, secret and scopes")]
        if missing:
            text = f"it does not have {', '.join(missing)}"
            return [Finding("problem", "journal", text, "write portal_id, and run the check with --repair")]
        return [Finding("ok", "journal", "it has deals, contacts, companies and tasks")]

    async def _not_subscribed(self, journal: Journal) -> list[str]:
        there = {one.type_id: one for one in await journal.subscriptions()}
        return [id_ for id_ in SUBSCRIBED if id_ not in there or not self._has_all(id_, there[id_])]

    def _has_all(self, type_id: str, there: Subscription) -> bool:
        return set(_ALL) <= set(there.actions) and set(self._wanted(type_id)) <= set(there.properties)

    def _wanted(self, type_id: str) -> list[str]:
        """The properties of a kind of objects that the journal should have."""
        own = [one.field for one in self._connection.fields.values()] if type_id == _DEALS else []
        return list(dict.fromkeys([*SUBSCRIBED[type_id], *own]))


def _property_problem(kind: str, reason: str) -> Finding:
    return Finding("problem", f"property {KEY} of {kind}", reason, "look at the service key's scopes")


def _seen(changes: Sequence[JsonObject]) -> tuple[Seen, ...]:
    """What the objects hold by these changes."""
    return tuple(
        Seen(
            object_id=f"{str(one['subscriptionType']).partition('.')[0]}:{one.get('objectId')}",
            values={str(one.get("propertyName")): one.get("propertyValue")},
            at=datetime.fromtimestamp(occurred / 1000, UTC),
        )
        for one in changes
        if str(one["subscriptionType"]).endswith(".propertyChange") and isinstance(occurred := one["occurredAt"], int)
    )
