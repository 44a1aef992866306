"""Asks Salesforce what changed since a time, for what no message told: after an outage, and of deletions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.polling import Polled
from integrations.salesforce.client import Row
from integrations.salesforce.inbox import Inbox, Noticed
from integrations.salesforce.org import Org
from integrations.salesforce.records import followed
from integrations.salesforce.soql import moment, quoted, select

OVERLAP = timedelta(minutes=10)
"""How far a poll looks back behind the newest change that it saw. What was long in the making may show late."""
_AT_ONCE = 100
_ORDER = "SystemModstamp, Id"
_ROLE = "OpportunityContactRole"


class SalesforcePolling:
    """Looks through one org. The cursor is the time of the newest change that was seen, by Salesforce's clock."""

    def __init__(self, org: Org, inbox: Inbox) -> None:
        self._org, self._inbox = org, inbox
        self._followed = followed(org.connection)

    async def poll(self, cursor: str | None) -> Polled:
        """What changed since a cursor. Records that are known as they are make no event.

        Raises:
            NotHandedOver, Refused, Unanswered: Salesforce cannot be asked now, or not this.
            StoreAway: the database does not answer.
        """
        since = datetime.fromisoformat(cursor) if cursor else self._org.clock()
        changed, noticed, newest = f"SystemModstamp >= {moment(since - OVERLAP)}", Noticed(), since
        for sobject, conditions in self._conditions(changed):
            rows = await self._rows(sobject, *conditions)
            await self._inbox.look(sobject, rows, noticed)
            newest = max([newest, *(datetime.fromisoformat(str(row["SystemModstamp"])) for row in rows)])
        await self._look_at_contacts(changed, noticed)
        return Polled(events=tuple(noticed.events), cursor=newest.isoformat(), seen=tuple(noticed.seen))

    async def health(self) -> list[Finding]:
        """Whether we are let in, and whether the fields are there that our ids stand in."""
        connection = self._org.connection
        keys = [
            ("Opportunity", connection.deal_field), ("Task", connection.effect_field),
            ("Contact", connection.contact_field), ("Account", connection.account_field),
        ]  # fmt: skip
        read = [("Opportunity", connection.forecast_field), ("Task", connection.outcome_field)]
        read += [("Opportunity", one.field) for one in connection.fields.values()]
        remedy = "make it a custom field, unique and External ID, and let the user that we run as read and edit it"
        found = [await self._field(sobject, name, remedy) for sobject, name in keys]
        remedy = "let the user that we run as read it, or write null for it in the connections file"
        return found + [await self._field(sobject, name, remedy) for sobject, name in read if name]

    async def repair(self) -> list[Finding]:
        """Outbound messages are set up by hand, and Salesforce does not switch them off: there is nothing to do."""
        return []

    async def _field(self, sobject: str, name: str, remedy: str) -> Finding:
        about = f"field {name} of {sobject}"
        try:
            await self._org.client.query(select(["Id", name], sobject, limit=1))
        except Refused as refused:
            return Finding("problem", about, refused.reason, remedy)
        except (NotHandedOver, Unanswered) as away:
            remedy = "look at client_id, the user and the key, and whether the org's calls of today are spent"
            return Finding("problem", "credentials", away.reason, remedy)
        return Finding("ok", about, "it is there, and we may read it")

    def _conditions(self, changed: str) -> Iterator[tuple[str, Sequence[str]]]:
        yield "Opportunity", [changed]
        yield _ROLE, [changed]
        yield "Task", [changed, f"{self._org.connection.effect_field} != null"]

    async def _look_at_contacts(self, changed: str, noticed: Noticed) -> None:
        """Look at the roles of contacts that changed: what a role shows of its contact is the contact's."""
        ids = [str(row["Id"]) for row in await self._org.client.query(select(["Id"], "Contact", changed, order=_ORDER))]
        for start in range(0, len(ids), _AT_ONCE):
            wanted = ", ".join(quoted(id_) for id_ in ids[start : start + _AT_ONCE])
            await self._inbox.look(_ROLE, await self._rows(_ROLE, f"ContactId IN ({wanted})"), noticed)

    async def _rows(self, sobject: str, *conditions: str) -> list[Row]:
        query = select(self._followed[sobject].fields, sobject, *conditions, order=_ORDER)
        return await self._org.client.query(query, with_deleted=True)
