"""What people do with envelopes: look, sign, decline, pass on; and what becomes of one that nobody signs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from integrations.docusign.simulator.account import Configuration, Envelope, EventData, Signer, new_id
from integrations.docusign.simulator.api import Api
from integrations.kit.simulator.simulator import BadChange

_OUT = frozenset({"sent", "delivered"})
_EVENTS = [
    "envelope-sent", "envelope-corrected",
    "envelope-delivered", "envelope-completed", "envelope-declined", "envelope-voided",
    "recipient-delivered", "recipient-completed", "recipient-declined", "recipient-reassign", "recipient-delegate",
]  # fmt: skip


class Tell(Protocol):
    """Tells Connect of an event, with more in its data."""

    def __call__(self, envelope: Envelope, event: str, **about: JsonValue) -> None:
        """Tell."""


class Signing:
    """The buyers, whose role comes first, and those who look after envelopes in DocuSign."""

    def __init__(self, api: Api, now: Callable[[], datetime], tell: Tell) -> None:
        self._api, self._now, self._tell = api, now, tell

    def correct(self, one: Envelope, tabs: dict[str, str]) -> None:
        """What the sender does who changes fields of an envelope that is out.

        Raises:
            BadChange: it is out no more.
        """
        if one.status not in _OUT:
            raise BadChange(f"it is {one.status}")
        for signer in one.signers:
            signer.tabs |= {name: value for name, value in tabs.items() if name in signer.tabs}
        self._tell(one, "envelope-corrected")

    def do(self, wanted: str, one: Envelope, to: str) -> None:
        """Do one thing.

        Raises:
            BadChange: nobody can do that, or not now.
        """
        needed = {"created"} if wanted == "send" else _OUT
        if one.status not in needed:
            raise BadChange(f"it is {one.status}")
        signer = next((each for each in one.signers if each.status not in {"completed", "declined"}), None)
        match wanted:
            case "send":
                self._api.send(one)
            case "void":
                self._api.void(one, "A person took it back")
            case "expire":
                one.expires_after = self._now() - (one.sent or self._now())
                self._api.void(one, "Envelope has expired.")
            case "view" | "sign" | "decline" | "reassign" if signer is not None:
                self._signer_does(wanted, one, signer, to)
            case _:
                raise BadChange("do is to be view, sign, decline, reassign, expire, void or send")

    def _signer_does(self, wanted: str, one: Envelope, signer: Signer, to: str) -> None:
        now = self._now()
        match wanted:
            case "view":
                self._view(one, signer)
            case "sign":
                if signer.delivered is None:
                    self._view(one, signer)
                signer.status, signer.signed = "completed", now
                self._tell(one, "recipient-completed", recipientId=signer.recipient_id)
                if all(each.status == "completed" for each in one.signers):
                    one.status, one.completed, one.changed = "completed", now, now
                    self._tell(one, "envelope-completed")
            case "decline":
                signer.status, signer.declined, signer.declined_reason = "declined", now, "The price is too high"
                self._tell(one, "recipient-declined", recipientId=signer.recipient_id)
                one.status, one.declined, one.changed = "declined", now, now
                self._tell(one, "envelope-declined")
            case _:
                number = str(len(one.signers) + 1)
                other = Signer(
                    recipient_id=number, guid=new_id(), name=to, email=to, role=signer.role, status="sent",
                    tabs=signer.tabs,
                )  # fmt: skip
                about: dict[str, JsonValue] = {
                    "recipientId": signer.recipient_id, "reassignedRecipientId": other.recipient_id
                }  # fmt: skip
                one.signers.append(other)
                self._tell(one, "recipient-reassign", **about)
                one.signers.remove(signer)

    def _view(self, one: Envelope, signer: Signer) -> None:
        signer.delivered = signer.delivered or self._now()
        signer.status = "delivered"
        self._tell(one, "recipient-delivered", recipientId=signer.recipient_id)
        if all(each.delivered for each in one.signers) and one.status == "sent":
            one.status, one.delivered, one.changed = "delivered", self._now(), self._now()
            self._tell(one, "envelope-delivered")


def configuration_to(target: str) -> Configuration:
    """A Connect configuration as a person sets it up who wants to hear everything."""
    return Configuration(
        connectId=new_id(), name="Dealwright", urlToPublishTo=target, requiresAcknowledgement="true",
        includeHMAC="true", enableLog="true", events=[*_EVENTS],
        eventData=EventData(version="restv2.1", format="json", includeData=["custom_fields", "recipients", "tabs"]),
    )  # fmt: skip
