"""DocuSign's eSignature API, v2.1: envelopes, as far as the simulator has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.docusign.simulator.account import DEFAULT_EXPIRY, Account, Envelope, Signer, Template, new_id
from integrations.docusign.simulator.answers import Strict, missing_envelope, problem, read_as

_TRANSACTIONS_LIVE = timedelta(days=7)
_KNOWN = frozenset({
    "from_date", "to_date", "from_to_status", "include", "start_position", "count", "custom_field", "transaction_ids",
})  # fmt: skip
Told = Callable[[Envelope, str], None]


class _TextTab(Strict):
    tabLabel: str  # noqa: N815 - DocuSign's own names, here and below
    value: str
    locked: str = "false"


class _Tabs(Strict):
    textTabs: list[_TextTab] = []  # noqa: N815


class _Role(Strict):
    roleName: str  # noqa: N815
    name: str
    email: str
    tabs: _Tabs = _Tabs()


class _Field(Strict):
    name: str
    value: str
    show: str = "false"
    required: str = "false"


class _Fields(Strict):
    textCustomFields: list[_Field] = []  # noqa: N815


class _Reminders(Strict):
    reminderEnabled: Literal["true", "false"]  # noqa: N815


class _Expirations(Strict):
    expireEnabled: Literal["true", "false"]  # noqa: N815
    expireAfter: str  # noqa: N815
    expireWarn: str = "0"  # noqa: N815


class _Notification(Strict):
    useAccountDefaults: Literal["true", "false"]  # noqa: N815
    reminders: _Reminders | None = None
    expirations: _Expirations | None = None


class _NewEnvelope(Strict):
    status: Literal["created", "sent"]
    emailSubject: str = ""  # noqa: N815
    templateId: str  # noqa: N815
    templateRoles: list[_Role]  # noqa: N815
    customFields: _Fields = _Fields()  # noqa: N815
    transactionId: str | None = None  # noqa: N815
    notification: _Notification | None = None


class _Change(Strict):
    status: Literal["sent", "voided"]
    voidedReason: str | None = None  # noqa: N815


class _File(Strict):
    documentId: str  # noqa: N815
    name: str
    order: str
    remoteUrl: str  # noqa: N815
    fileExtension: str  # noqa: N815


class _Files(Strict):
    documents: list[_File]


class _Moved(Strict):
    envelopeIds: list[str]  # noqa: N815


class Api:
    """The paths of envelopes. ``told`` tells Connect of an event of an envelope."""

    def __init__(self, account: Account, now: Callable[[], datetime], told: Told) -> None:
        self._account, self._now, self._told = account, now, told

    def routes(self, root: str) -> Sequence[BaseRoute]:
        """All of them, below an account's root."""
        one = f"{root}/envelopes/{{id}}"
        return [
            Route(f"{root}/envelopes", self._list, methods=["GET"]),
            Route(f"{root}/envelopes", self._create, methods=["POST"]),
            Route(one, self._read, methods=["GET"]),
            Route(one, self._change, methods=["PUT"]),
            Route(f"{one}/recipients", self._recipients, methods=["GET"]),
            Route(f"{one}/documents", self._documents, methods=["GET"]),
            Route(f"{one}/documents", self._add_documents, methods=["PUT"]),
            Route(f"{root}/folders/recyclebin", self._recycle, methods=["PUT"]),
        ]

    async def _list(self, request: Request) -> Response:
        asked = request.query_params
        if unknown := set(asked) - _KNOWN:
            return problem("INVALID_REQUEST_PARAMETER", f"The request contained an invalid parameter. {min(unknown)}")
        if "transaction_ids" in asked:
            return self._of_transactions(asked["transaction_ids"].split(","))
        try:
            since = datetime.fromisoformat(asked["from_date"])
            until = datetime.fromisoformat(asked["to_date"]) if "to_date" in asked else self._now()
        except (KeyError, ValueError):
            said = "Query parameter 'from_date' must be set to a valid DateTime, or 'envelope_ids' or 'transaction_ids'"
            return problem("INVALID_REQUEST_PARAMETER", f"The request contained at least one invalid parameter. {said}")
        name, _, value = asked.get("custom_field", "").partition("=")
        found = [
            one for one in self._account.envelopes.values()
            if since <= one.changed <= until and (not name or one.custom_fields.get(name) == value)
        ]  # fmt: skip
        return self._page(found, request)

    def _page(self, found: list[Envelope], request: Request) -> Response:
        asked = request.query_params
        start, count = int(asked.get("start_position", "0")), int(asked.get("count", "1000"))
        include = frozenset(asked.get("include", "").split(","))
        page = [one.shown(include) for one in found[start : start + count]]
        said: dict[str, JsonValue] = {
            "resultSetSize": str(len(page)), "totalSetSize": str(len(found)), "startPosition": str(start),
            "endPosition": str(start + len(page) - 1),
        }  # fmt: skip
        return JSONResponse({**said, **({"envelopes": page} if page else {})})

    def _of_transactions(self, wanted: list[str]) -> Response:
        since = self._now() - _TRANSACTIONS_LIVE
        found = [
            {"transactionId": one.transaction_id, "envelopeId": one.id, "status": one.status}
            for one in self._account.envelopes.values()
            if one.transaction_id in wanted and one.created >= since
        ]
        return JSONResponse({"envelopeTransactionStatuses": found})

    async def _create(self, request: Request) -> Response:
        given = await read_as(request, _NewEnvelope)
        if isinstance(given, Response):
            return given
        if (template := self._account.templates.get(given.templateId)) is None:
            return problem("TEMPLATE_ID_INVALID", "Invalid template ID.")
        now, held = self._now(), given.notification
        expires = held.expirations if held else None
        made = Envelope(
            id=new_id(), template=template.id, subject=given.emailSubject or template.subject, created=now, changed=now,
            transaction_id=given.transactionId, signers=_signers(template, given.templateRoles),
            custom_fields={one.name: one.value for one in given.customFields.textCustomFields},
            expires_after=timedelta(days=int(expires.expireAfter)) if expires else DEFAULT_EXPIRY,
            reminds=held is None or held.reminders is None or held.reminders.reminderEnabled == "true",
            documents={"1": "the template's"},
        )  # fmt: skip
        self._account.envelopes[made.id] = made
        if given.status == "sent":
            self.send(made)
        said: dict[str, JsonValue] = {
            "envelopeId": made.id, "uri": f"/envelopes/{made.id}", "status": made.status,
            "statusDateTime": made.changed.isoformat(),
        }  # fmt: skip
        return JSONResponse(said, 201)

    async def _read(self, request: Request) -> Response:
        one = self._one(request)
        return missing_envelope() if one is None else JSONResponse(one.shown(frozenset({"custom_fields"})))

    async def _change(self, request: Request) -> Response:
        given, one = await read_as(request, _Change), self._one(request)
        if isinstance(given, Response):
            return given
        if one is None:
            return missing_envelope()
        if given.status == "sent":
            if one.status != "created":
                return problem("ENVELOPE_INVALID_STATUS", "Invalid envelope status. Envelope status is not: created")
            self.send(one)
        elif one.status not in {"sent", "delivered"}:
            said = "Only envelopes in the 'Sent' or 'Delivered' states may be voided."
            return problem("ENVELOPE_CANNOT_VOID_INVALID_STATE", said)
        elif not given.voidedReason or len(given.voidedReason) > 200:  # noqa: PLR2004 - as documented
            return problem("INVALID_REQUEST_PARAMETER", "voidedReason is missing or too long.")
        else:
            self.void(one, given.voidedReason)
        return JSONResponse({"envelopeId": one.id})

    async def _recipients(self, request: Request) -> Response:
        if (one := self._one(request)) is None:
            return missing_envelope()
        tabs = request.query_params.get("include_tabs") == "true"
        signers = [signer.shown(tabs=tabs) for signer in one.signers]
        return JSONResponse({"signers": signers, "recipientCount": str(len(signers)), "currentRoutingOrder": "1"})

    async def _documents(self, request: Request) -> Response:
        one = self._one(request)
        return missing_envelope() if one is None else _documents_of(one)

    async def _add_documents(self, request: Request) -> Response:
        given, one = await read_as(request, _Files), self._one(request)
        if isinstance(given, Response):
            return given
        if one is None:
            return missing_envelope()
        if one.status != "created":
            return problem("ENVELOPE_INVALID_STATUS", "Invalid envelope status. Envelope status is not: created")
        one.documents |= {file.documentId: file.name for file in given.documents}
        return _documents_of(one)

    async def _recycle(self, request: Request) -> Response:
        given = await read_as(request, _Moved)
        if isinstance(given, Response):
            return given
        for one in given.envelopeIds:
            if (envelope := self._account.envelopes.get(one)) is not None and envelope.status == "created":
                envelope.status, envelope.changed = "deleted", self._now()
        return JSONResponse({})

    def send(self, one: Envelope) -> None:
        """Send a draft to all who sign it."""
        one.status, one.sent, one.changed = "sent", self._now(), self._now()
        one.sendings += 1
        for signer in one.signers:
            signer.status = "sent"
        self._told(one, "envelope-sent")

    def void(self, one: Envelope, reason: str) -> None:
        """End an envelope that is out."""
        one.status, one.voided, one.changed, one.voided_reason = "voided", self._now(), self._now(), reason
        self._told(one, "envelope-voided")

    def _one(self, request: Request) -> Envelope | None:
        return self._account.envelopes.get(request.path_params["id"])


def _signers(template: Template, given: list[_Role]) -> list[Signer]:
    """Those roles of the template that somebody takes. A text whose label the template does not have goes nowhere."""
    return [
        Signer(
            recipient_id=str(number), guid=new_id(), name=role.name, email=role.email, role=role.roleName,
            tabs={
                tab.tabLabel: tab.value for tab in role.tabs.textTabs if tab.tabLabel in template.roles[role.roleName]
            },
        )
        for number, role in enumerate(given, start=1)
        if role.roleName in template.roles
    ]  # fmt: skip


def _documents_of(one: Envelope) -> Response:
    listed = [{"documentId": number, "name": name, "type": "content"} for number, name in one.documents.items()]
    return JSONResponse({"envelopeId": one.id, "envelopeDocuments": listed})
