"""What a simulated Gong account holds, and how Gong shows it."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from pydantic import AwareDatetime, BaseModel, JsonValue

JsonObject = dict[str, JsonValue]


class Party(BaseModel):
    """Somebody on a call."""

    name: str | None = None
    email: str | None = None
    internal: bool = False


class Call(BaseModel):
    """A recorded call."""

    id: str
    title: str
    started: AwareDatetime
    duration: int
    """Seconds."""
    private: bool = False
    system: str | None = None
    object_type: str = "Opportunity"
    object_ids: list[str] = []
    parties: list[Party] = []
    steps: list[str] = []
    """Action items, spoken by the first party."""

    def shown(self) -> JsonObject:
        """As webhook and API show it both."""
        objects: list[JsonValue] = [
            {"objectType": self.object_type, "objectId": one, "fields": []} for one in self.object_ids
        ]
        context: list[JsonValue] = [{"system": self.system, "objects": objects}] if self.system else []
        parties: list[JsonValue] = [_party(place, one) for place, one in enumerate(self.parties)]
        return {"metaData": self._meta(), "context": context, "parties": parties}

    def extensive(self) -> JsonObject:
        """As ``/v2/calls/extensive`` shows it: with what is to be done next, once that is worked out."""
        items: list[JsonValue] = [
            {"snippetStartTime": 10.0, "snippetEndTime": 20.0, "speakerID": "s0", "snippet": one} for one in self.steps
        ]
        return {**self.shown(), "content": {"pointsOfInterest": {"actionItems": items}}}

    def _meta(self) -> JsonObject:
        return {
            "id": self.id, "url": f"https://app.gong.io/call?id={self.id}", "title": self.title,
            "started": self.started.isoformat(), "duration": self.duration, "direction": "Conference",
            "scope": "External", "isPrivate": self.private, "primaryUserId": "1309263961237846110",
        }  # fmt: skip


class Account(BaseModel):
    """An account."""

    calls: dict[str, Call] = {}
    private_key: str
    """Of the automation rule, as PEM."""

    @property
    def rsa(self) -> RSAPrivateKey:
        """The key that signs webhooks."""
        key = load_pem_private_key(self.private_key.encode(), None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("the rule's key is no RSA key")
        return key

    @property
    def public_key(self) -> str:
        """As Gong shows it: DER in base64, and nothing around it."""
        der = self.rsa.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()


def new_account() -> Account:
    """One without calls."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return Account(private_key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def _party(place: int, one: Party) -> JsonObject:
    return {
        "id": f"p{place}", "name": one.name, "speakerId": f"s{place}", "methods": ["Attendee"], "context": [],
        "affiliation": "Internal" if one.internal else "External" if one.email else "Unknown",
        **({"emailAddress": one.email} if one.email else {}),
    }  # fmt: skip
