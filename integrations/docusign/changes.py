"""What DocuSign's events and envelopes tell, in the form that all tools for documents share.

An event and the envelope that it is about say the same under the same id: what Connect did not bring, reading finds.
Names of events: https://developers.docusign.com/platform/webhooks/connect/event-triggers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import Field, ValidationError

from integrations.docusign.envelopes import Envelope, Shown, Signer
from integrations.kit.documents import DocumentChange, moment
from integrations.kit.mapping.bodies import Unreadable

_OF_ENVELOPE = {
    "envelope-sent": "sent", "envelope-completed": "completed", "envelope-declined": "declined",
    "envelope-voided": "voided",
}  # fmt: skip
_OF_SIGNER = {"recipient-delivered": "opened", "recipient-completed": "signed"}
_PASSED_ON = frozenset({"recipient-reassign", "recipient-delegate"})


class _Data(Shown):
    envelope_id: str = Field(min_length=1)
    recipient_id: str | None = None
    reassigned_recipient_id: str | None = None
    delegated_recipient_id: str | None = None
    envelope_summary: Envelope | None = None


class _Event(Shown):
    event: str
    generated_date_time: str | None = None
    data: _Data


def change_in(body: bytes | str, received_at: datetime, buyer: str) -> DocumentChange | None:
    """The change that an event tells of (JSON, SIM); ``buyer`` is the buyer's role. None: no buyer did it.

    Raises:
        Unreadable: it is none of DocuSign's.
    """
    try:
        event = _Event.model_validate_json(body)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "body"
        raise Unreadable(f"the body is no event of DocuSign's in the JSON SIM model ({where})") from None
    at = moment(event.generated_date_time, received_at)
    envelope = event.data.envelope_summary or Envelope(envelope_id=event.data.envelope_id)
    if event.event == "envelope-corrected":
        return _told(envelope, f"corrected-{at.isoformat()}", "corrected", at)
    if event.event in _OF_ENVELOPE:
        return _of_envelope(envelope, _OF_ENVELOPE[event.event], at)
    signer = _signer(envelope, event.data.recipient_id)
    if event.event in _OF_SIGNER:
        if signer is None and envelope.signers:  # somebody who gets a copy
            return None
        change = _OF_SIGNER[event.event]
        return None if _is_ours(signer, buyer) else _of_signer(envelope, signer, change, at)
    if event.event in _PASSED_ON:
        to = event.data.reassigned_recipient_id or event.data.delegated_recipient_id
        return None if _is_ours(signer, buyer) else _passed_on(envelope, signer, _signer(envelope, to), at)
    return _told(envelope, f"{event.event}-{at.isoformat()}", event.event, at)


def changes_shown(envelope: Envelope, since: datetime, buyer: str) -> list[DocumentChange]:
    """What has become of an envelope since a time, as its dates show it, in that order."""
    return sorted((one for one in _shown(envelope, buyer) if one.at >= since), key=lambda one: one.at)


def _shown(envelope: Envelope, buyer: str) -> Iterator[DocumentChange]:
    never = datetime.min.replace(tzinfo=UTC)
    if envelope.sent_date_time:
        yield _of_envelope(envelope, "sent", never)
    for signer in envelope.signers:
        if _is_ours(signer, buyer):
            continue
        if signer.delivered_date_time:
            yield _of_signer(envelope, signer, "opened", never)
        if signer.signed_date_time:
            yield _of_signer(envelope, signer, "signed", never)
    ends = {
        "completed": envelope.completed_date_time, "declined": envelope.declined_date_time,
        "voided": envelope.voided_date_time,
    }  # fmt: skip
    for change, date in ends.items():
        if date:
            yield _of_envelope(envelope, change, never)


def _of_envelope(envelope: Envelope, change: str, otherwise: datetime) -> DocumentChange:
    match change:
        case "sent":
            return _told(envelope, change, change, moment(envelope.sent_date_time, otherwise))
        case "completed":
            return _told(envelope, change, change, moment(envelope.completed_date_time, otherwise))
        case "declined":
            who = next((one for one in envelope.signers if one.status == "declined"), None)
            told = _told(envelope, change, change, moment(envelope.declined_date_time, otherwise))
            return told if who is None else told.model_copy(
                update={"address": who.email, "reason": who.declined_reason}
            )  # fmt: skip
    at = moment(envelope.voided_date_time, otherwise)
    told = _told(envelope, "voided", "expired" if _is_over(envelope, at) else "voided", at)
    return told.model_copy(update={"reason": envelope.voided_reason})


def _is_over(envelope: Envelope, at: datetime) -> bool:
    """Whether its time was over: DocuSign voids it then, and its reason begins with "Envelope has expired".

    https://support.docusign.com/en/articles/How-can-I-differentiate-between-Expired-and-Voided-envelopes
    """
    ends = moment(envelope.expire_date_time, datetime.max.replace(tzinfo=UTC))
    return ends <= at or (envelope.voided_reason or "").startswith("Envelope has expired")


def _of_signer(envelope: Envelope, signer: Signer | None, change: str, otherwise: datetime) -> DocumentChange:
    if signer is None:
        return _told(envelope, f"{change}-", change, otherwise)
    date = signer.delivered_date_time if change == "opened" else signer.signed_date_time
    told = _told(envelope, f"{change}-{signer.recipient_id}", change, moment(date, otherwise))
    return told.model_copy(update={"address": signer.email})


def _passed_on(envelope: Envelope, signer: Signer | None, to: Signer | None, at: datetime) -> DocumentChange:
    between = f"{signer.recipient_id if signer else ''}-{to.recipient_id if to else ''}"
    told = _told(envelope, f"forwarded-{between}", "forwarded", at)
    return told.model_copy(update={"address": signer.email if signer else None, "to": to.email if to else None})


def _told(envelope: Envelope, what: str, change: str, at: datetime) -> DocumentChange:
    """An envelope that carries no mark of ours is a contract: those are what people have signed by hand."""
    made = DocumentChange(
        id=f"{envelope.envelope_id}-{what}",
        at=at,
        document=envelope.envelope_id,
        change=change,
        kind="contract",
        texts=envelope.texts,
    )
    return made.with_marks(envelope.marks)


def _signer(envelope: Envelope, recipient: str | None) -> Signer | None:
    return next((one for one in envelope.signers if one.recipient_id == recipient), None)


def _is_ours(signer: Signer | None, buyer: str) -> bool:
    """Whether somebody signs for our side: their role in the template is another one than the buyer's."""
    return signer is not None and bool(signer.role_name) and signer.role_name != buyer
