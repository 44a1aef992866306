"""DocuSign's eSignature API, v2.1, as far as Dealwright uses it: envelopes, and the Connect configuration.

Paths and fields are those of docusign-esign-node-client 1c373fb and of the descriptions in
docusign/OpenAPI-Specifications 3c20b6c. Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered``
(``integrations.kit.errors``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from pydantic import JsonValue

from integrations.docusign.connect import Configuration, Configurations, Failure, Failures
from integrations.docusign.envelopes import Envelope, Envelopes, Recipients, Shown, Signer
from integrations.docusign.login import tokens_for
from integrations.docusign.settings import SOURCE, DocuSignConnection
from integrations.kit.answers import Answer, Operation, Quota, Verdict, by_status
from integrations.kit.documents import EFFECT
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, Remaining, SharedBudget, budget_name
from store.database import Store

PAGE = 100
_LIMIT = Limit(most=250, per=timedelta(minutes=6))
"""Of the 3,000 calls an hour that an account has."""
_SPENT = ("HOURLY_APIINVOCATION_LIMIT_EXCEEDED", "BURST_APIINVOCATION_LIMIT_EXCEEDED")
_CREATE = Operation(name="make an envelope", method="POST")
_CHANGE = Operation(name="change an envelope", method="PUT")
_DELETE = Operation(name="delete a draft", method="PUT")
_ATTACH = Operation(name="add a document", method="PUT")
_FIND = Operation(name="find an envelope")
_LIST = Operation(name="list envelopes")
_READ = Operation(name="read an envelope", empty=frozenset({404}))
_SIGNERS = Operation(name="list recipients")
_BESIDE = Operation(name="list documents")
_CONFIGURATIONS = Operation(name="list Connect configurations")
_CONFIGURE = Operation(name="make a Connect configuration", method="POST")
_RECONFIGURE = Operation(name="change a Connect configuration", method="PUT")
_FAILURES = Operation(name="list Connect failures")
_RETRY = Operation(name="have Connect send again", method="PUT")


class _Made(Shown):
    envelope_id: str


class _Document(Shown):
    name: str = ""
    document_id: str = ""


class _Documents(Shown):
    envelope_documents: tuple[_Document, ...] = ()


def classify(operation: Operation, answer: Answer) -> Verdict:
    """DocuSign refuses with 400 or 429 what is above its hourly and its burst limit; the body says so."""
    if answer.status in {400, 429} and any(code in answer.text for code in _SPENT):
        left = remaining(answer.headers)
        return Quota(datetime.now(UTC) + left.anew_in if left else None)
    return by_status(operation, answer)


def remaining(headers: Mapping[str, str]) -> Remaining | None:
    """What an answer says of the hour's calls (``X-RateLimit-Reset`` is a Unix time)."""
    left, anew = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
    if not left.isdecimal() or not anew.isdecimal():
        return None
    now = datetime.now(UTC).timestamp()
    return Remaining(units=int(left), anew_in=timedelta(seconds=min(max(float(anew) - now, 1), 3600)))


class DocuSignClient:
    """One account. Close it at the end."""

    def __init__(self, connection: DocuSignConnection, store: Store) -> None:
        budget = SharedBudget(store, budget_name(SOURCE, connection.account_id), _LIMIT, remaining)
        self._http = ToolClient("DocuSign", connection.login_url, tokens_for(connection, store), budget, classify)
        self._account = f"/v2.1/accounts/{quote(connection.account_id, safe='')}"

    async def create(self, body: Mapping[str, JsonValue]) -> str:
        """Make an envelope; returns its id."""
        answer = await self._http.call(_CREATE, f"{self._account}/envelopes", Payload(json=dict(body)))
        return answer.read_as(_Made).envelope_id

    async def find(self, key: str, transaction: str, since: datetime) -> Envelope | None:
        """The envelope that carries our key, if something has become of it since a time.

        DocuSign knows transaction ids for seven days; after that the envelope custom field is searched.
        """
        of_transaction = await self._found({"transaction_ids": transaction})
        if of_transaction is not None:
            return of_transaction
        return await self._found({"custom_field": f"{EFFECT}={key}", "from_date": since.isoformat(), "count": 2})

    async def read(self, envelope: str) -> Envelope | None:
        """An envelope by its id."""
        answer = await self._http.call(_READ, self._of(envelope))
        return None if answer.empty else answer.read_as(Envelope)

    async def changed(self, since: datetime, until: datetime, start: int) -> list[Envelope]:
        """A page of the envelopes whose status changed in a time, with their marks and those who sign them."""
        query: dict[str, str | int] = {
            "from_date": since.isoformat(), "to_date": until.isoformat(), "from_to_status": "changed",
            "include": "custom_fields,recipients", "start_position": start, "count": PAGE,
        }  # fmt: skip
        listed = await self._http.call(_LIST, f"{self._account}/envelopes", Payload(query=query))
        return list(listed.read_as(Envelopes).all)

    async def signers(self, envelope: str) -> tuple[Signer, ...]:
        """Who is to sign an envelope, with what stands in their fields on the documents."""
        payload = Payload(query={"include_tabs": "true"})
        answer = await self._http.call(_SIGNERS, f"{self._of(envelope)}/recipients", payload)
        return answer.read_as(Recipients).signers

    async def send(self, envelope: str) -> None:
        """Send a draft to those who sign it."""
        await self._http.call(_CHANGE, self._of(envelope), Payload(json={"status": "sent"}))

    async def void(self, envelope: str, reason: str) -> None:
        """Take back an envelope that nobody has completed; its recipients read the reason."""
        body: JsonValue = {"status": "voided", "voidedReason": reason[:200] or "It is taken back"}
        await self._http.call(_CHANGE, self._of(envelope), Payload(json=body))

    async def delete(self, envelope: str) -> None:
        """Put a draft into the recycle bin."""
        body: JsonValue = {"envelopeIds": [envelope]}
        await self._http.call(_DELETE, f"{self._account}/folders/recyclebin", Payload(json=body))

    async def attach(self, envelope: str, number: int, name: str, url: str) -> str:
        """Add a file to a draft, which DocuSign fetches; returns its number in the envelope."""
        ending = url.rpartition("/")[2].partition("?")[0].rpartition(".")[2].lower()
        document: JsonValue = {
            "documentId": str(number), "name": name, "order": str(number), "remoteUrl": url,
            "fileExtension": ending if ending.isalnum() and len(ending) <= 4 else "pdf",  # noqa: PLR2004 - docx
        }  # fmt: skip
        payload = Payload(json={"documents": [document]})
        await self._http.call(_ATTACH, f"{self._of(envelope)}/documents", payload)
        return str(number)

    async def documents(self, envelope: str) -> dict[str, str]:
        """The documents of an envelope: their numbers, by name."""
        answer = await self._http.call(_BESIDE, f"{self._of(envelope)}/documents")
        return {one.name: one.document_id for one in answer.read_as(_Documents).envelope_documents}

    async def configurations(self) -> list[Configuration]:
        """All Connect configurations of the account."""
        answer = await self._http.call(_CONFIGURATIONS, f"{self._account}/connect")
        return list(answer.read_as(Configurations).configurations)

    async def configure(self, body: Mapping[str, JsonValue]) -> None:
        """Make a Connect configuration, or change the one whose ``connectId`` is given."""
        operation = _RECONFIGURE if "connectId" in body else _CONFIGURE
        await self._http.call(operation, f"{self._account}/connect", Payload(json=dict(body)))

    async def failures(self) -> list[Failure]:
        """What Connect could not tell, and holds back."""
        return list((await self._http.call(_FAILURES, f"{self._account}/connect/failures")).read_as(Failures).failures)

    async def retry(self, envelopes: Iterable[str]) -> None:
        """Have Connect tell again what it holds back of these envelopes."""
        body: JsonValue = {"envelopeIds": [*envelopes], "synchronous": "true"}
        await self._http.call(_RETRY, f"{self._account}/connect/envelopes/retry_queue", Payload(json=body))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _found(self, query: Mapping[str, str | int]) -> Envelope | None:
        listed = await self._http.call(_FIND, f"{self._account}/envelopes", Payload(query=query))
        return next((one for one in listed.read_as(Envelopes).all if one.status != "deleted"), None)

    def _of(self, envelope: str) -> str:
        return f"{self._account}/envelopes/{quote(envelope, safe='')}"
