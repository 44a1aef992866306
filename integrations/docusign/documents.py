"""Envelopes in DocuSign: made as drafts from approved templates, looked through, sent; taken back by voiding them.

Every call is of the class ``SEARCHABLE``: an envelope carries our key as its transaction id, which DocuSign looks up
for seven days, and in an envelope custom field, which it searches at any time.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from pydantic import JsonValue

from dealwright.effects import SendDocument, WithdrawDocument
from integrations.docusign.client import DocuSignClient
from integrations.docusign.envelopes import Envelope
from integrations.docusign.settings import SOURCE, DocuSignConnection
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part, Unsure
from integrations.kit.documents import (
    attachments_of,
    key_of,
    marks_of,
    name_of,
    nothing_to_do,
    own_changes,
    template_of,
)
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from store import links
from store.database import Store

_VISIBLE_AFTER = timedelta(seconds=30)
"""DocuSign promises nothing of its lists."""
_SHOWN_SOON = timedelta(seconds=5)
_LOOK_BACK = timedelta(days=730)
"""How long ago an envelope without a known id may have changed last."""
_LONGEST_SUBJECT, _LONGEST_MARK = 100, 100
_FIRST_ATTACHMENT = 900
"""Numbers of attachments in an envelope, far from those that a template's documents have."""
_DRAFT = "created"
_OVER = frozenset({"voided", "declined", "deleted", "timedout"})
_AGREED = frozenset({"completed", "signed"})


def docusign_documents(connected: Connected) -> DocuSignDocuments:
    """The documents of an installation that is connected to DocuSign."""
    return DocuSignDocuments(connected.block(DocuSignConnection), connected.store)


class DocuSignDocuments:
    """Envelopes of one account."""

    def __init__(self, connection: DocuSignConnection, store: Store) -> None:
        self._connection, self._store, self._client = connection, store, DocuSignClient(connection, store)
        self._own = own_changes(store, SOURCE)

    async def send(self, deal_id: str, effect: SendDocument) -> Delivery:
        """An envelope, made from its template, with what goes with it, and sent once it says what is agreed."""
        body, beside = self._body(deal_id, effect), attachments_of(self._connection, effect)

        async def send() -> str:
            there = await self._made_before(effect)
            if there.status == _DRAFT:
                await self._check_what_it_says(there, effect)
                changes = {"change": "sent"}
                await self._own.announced(
                    f"document:{there.envelope_id}", changes, lambda: self._client.send(there.envelope_id)
                )
            return there.envelope_id

        async def find() -> Lookup:
            there = await self._found(effect.id, effect.at)
            if there is None:
                return Unsure("DocuSign does not show the envelope that was made")
            return Absent() if there.status == _DRAFT else Found(there.envelope_id)

        async def arrived(reference: str | None) -> None:
            if reference is not None:
                await links.link(self._store, SOURCE, f"document:{reference}", deal_id)

        attached = (
            self._attached(effect, number, name, url)
            for number, (name, url) in enumerate(beside.items(), start=_FIRST_ATTACHMENT)
        )
        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER,
            before=(self._made(effect, body), *attached), arrived=arrived,
        )  # fmt: skip

    async def withdraw(self, deal_id: str, effect: WithdrawDocument) -> Delivery:  # noqa: ARG002 - it is found by its key
        """An envelope that was sent, voided; a draft, put into the recycle bin."""
        there = await self._there(effect)
        if there is None or there.status in _OVER:
            return nothing_to_do(effect.reference)
        if there.status in _AGREED:
            raise Refused(f"the buyer has signed it: it is {there.status} in DocuSign")
        envelope = there.envelope_id

        async def send() -> str:
            if there.status == _DRAFT:
                await self._client.delete(envelope)
            else:
                void = self._client.void
                changes = {"change": "voided"}
                await self._own.announced(f"document:{envelope}", changes, lambda: void(envelope, effect.reason))
            return envelope

        async def find() -> Lookup:
            now = await self._client.read(envelope)
            return Found(envelope) if now is None or now.status in _OVER else Absent()

        return Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _body(self, deal_id: str, effect: SendDocument) -> dict[str, JsonValue]:
        signer: JsonValue = {
            "roleName": self._connection.recipient_role, "name": effect.to.name or effect.to.email,
            "email": effect.to.email, "tabs": {"textTabs": [
                {"tabLabel": name, "value": value, "locked": "true"} for name, value in effect.terms.shown().items()
            ]},
        }  # fmt: skip
        marks: list[JsonValue] = [
            {"name": name, "value": value, "show": "false", "required": "false"}
            for name, value in marks_of(deal_id, effect).items()
            if len(value) <= _LONGEST_MARK
        ]
        return {
            "status": _DRAFT, "emailSubject": name_of(deal_id, effect)[:_LONGEST_SUBJECT],
            "templateId": template_of(self._connection, effect), "templateRoles": [signer],
            "customFields": {"textCustomFields": marks}, "transactionId": _transaction_of(effect.id),
            "notification": _notification(effect.expires_after),
        }  # fmt: skip

    def _made(self, effect: SendDocument, body: dict[str, JsonValue]) -> Part:
        async def send() -> str:
            return await self._client.create(body)

        async def find() -> Lookup:
            there = await self._found(effect.id, effect.at)
            return Absent() if there is None else Found(there.envelope_id)

        delivery = Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER
        )  # fmt: skip
        return Part(name="made", delivery=delivery)

    def _attached(self, effect: SendDocument, number: int, name: str, url: str) -> Part:
        async def send() -> str:
            return await self._client.attach((await self._made_before(effect)).envelope_id, number, name, url)

        async def find() -> Lookup:
            files = await self._client.documents((await self._made_before(effect)).envelope_id)
            return Found(files[name]) if name in files else Absent()

        return Part(name=f"with-{name}", delivery=Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find))

    async def _check_what_it_says(self, envelope: Envelope, effect: SendDocument) -> None:
        """Look whether the buyer reads each term in the draft.

        Raises:
            Refused: the template has no field for one, or no such role; then nothing is sent.
        """
        role = self._connection.recipient_role
        signers = [one for one in await self._client.signers(envelope.envelope_id) if one.role_name == role]
        if not signers:
            raise Refused(f"the template has no role {role!r}: give the buyer's role that name, or set recipient_role")
        tabs = [tab for one in signers if one.tabs for tab in one.tabs.text_tabs]
        for name, value in effect.terms.shown().items():
            if not any(tab.tab_label == name and tab.value == value for tab in tabs):
                raise Refused(f"the template has no text field {name!r} for {role} that says {value!r}: add one there")

    async def _made_before(self, effect: SendDocument) -> Envelope:
        there = await self._found(effect.id, effect.at)
        if there is None:
            raise NotHandedOver("DocuSign does not show the envelope yet", retry_after=_SHOWN_SOON)
        return there

    async def _found(self, effect_id: str, at: datetime) -> Envelope | None:
        return await self._client.find(key_of(effect_id), _transaction_of(effect_id), at - _LOOK_BACK)

    async def _there(self, effect: WithdrawDocument) -> Envelope | None:
        if effect.reference is not None:
            return await self._client.read(effect.reference)
        return await self._found(effect.sending, effect.at)


def _transaction_of(effect_id: str) -> str:
    """Our key in the form of the ids that DocuSign makes itself."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, key_of(effect_id)))


def _notification(expires_after: timedelta | None) -> JsonValue:
    """Playbooks remind, DocuSign does not. Where nothing is asked for, an envelope expires as its account has it."""
    reminders: JsonValue = {"reminderEnabled": "false"}
    if expires_after is None:
        return {"useAccountDefaults": "false", "reminders": reminders}
    days, rest = divmod(expires_after, timedelta(days=1))
    if rest or not 1 <= days <= 999:  # noqa: PLR2004 - three digits
        raise Refused("DocuSign counts how long a document holds in days, up to 999: write expires_after: 30d")
    expirations: JsonValue = {"expireEnabled": "true", "expireAfter": str(days), "expireWarn": "0"}
    return {"useAccountDefaults": "false", "reminders": reminders, "expirations": expirations}
