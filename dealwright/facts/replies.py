"""What replies tell: what a contact answered, when to come back, and whom they name instead."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, model_validator

from dealwright.deal import Contact, Known
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.facts.base import AboutPerson
from dealwright.facts.outreach import OptedOut
from dealwright.values.addresses import bare
from dealwright.values.recorded import Bounded, Day, Name

__all__ = ["Referred", "ReplyReceived"]


class Referred(Bounded):
    """Somebody on the buying side whom a contact names; whoever is known already is found by id or address."""

    id: Name | None = None
    """Their id in the deal, where they have one; else the address, or the name, becomes it."""
    name: Name | None = None
    email: Annotated[Name, AfterValidator(bare)] | None = None
    phone: Name | None = None
    role: Name | None = None
    timezone: Name | None = None
    """IANA name: messages keep to business hours there."""
    country: Name | None = None

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if not (self.id or self.email or self.name):
            raise BadValue("nobody is named", "write a name, an email or the id of a contact")
        return self

    def as_contact(self, known: Contact | None = None) -> Contact:
        """The contact that they are: what is not given is left out, or is as it was of somebody known."""
        id_ = (known.id if known else None) or self.id or self.email or self.name or ""
        name = self.name or (known.name if known else None) or self.email or id_
        given = {field: value for field, value in self if value is not None}
        return Contact.model_validate({**given, "id": id_, "name": name})


class ReplyReceived(AboutPerson):
    """A contact replied; what the reply says is judged by whoever reports it."""

    name = "reply_received"
    always_decided = for_a_person = True
    variant_field = "sentiment"
    teaches = ("back_on", "contacts")
    dates = ("deal.back_on",)
    else_heard_as: ClassVar[dict[str, str]] = {
        "not_now": "other",
        "wrong_person": "other",
        "referral": "other",
        "unsubscribe": "not_interested",
    }
    sentiment: Literal[
        "interested", "not_now", "not_interested", "wrong_person", "referral", "unsubscribe", "out_of_office", "other"
    ] = "other"
    channel: Literal["email", "sms", "chat", "social", "other"] = "email"
    """How it came; a conversation by mail goes on only by mail."""
    message_id: Name | None = None
    back_on: Day | None = None
    """For ``not_now``: the day on which they want to hear from us again."""
    refers_to: Referred | None = None
    """For ``wrong_person`` and ``referral``: whom they name."""
    returns_on: Day | None = None
    """For ``out_of_office``: the first day the contact is back; without it, as long as the playbook says."""

    @classmethod
    def is_written_by_them(cls, variant: str | None) -> bool:
        """A machine says that somebody is away."""
        return variant != "out_of_office"

    @property
    def is_for_a_person(self) -> bool:
        return self.sentiment not in {"out_of_office", "unsubscribe"}

    def tells_also(self) -> OptedOut | None:
        """Whoever wants no more messages has opted out."""
        if self.sentiment != "unsubscribe":
            return None
        return OptedOut(
            id=f"{self.id}:opted-out" if self.id else None, at=self.at, by=self.by, source=self.source, note=self.note,
            contact=self.contact, address=self.address,
        )  # fmt: skip

    def learn(self) -> Known | None:
        back_on = self.back_on if self.sentiment == "not_now" else None
        contacts = (self.refers_to.as_contact(),) if self.refers_to is not None else None
        return Known(back_on=back_on, contacts=contacts) if back_on or contacts else None
