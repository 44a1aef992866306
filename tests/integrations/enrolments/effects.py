"""Enrolments as a deal asks for them, for the tests of all tools that run cadences."""

from __future__ import annotations

from dealwright.deal import Account, Contact, Deal, Person
from dealwright.effects import EnrolContact, StopEnrolment
from tests.store.samples import NOW

SAM = Person(name="Sam Rep", email="sam@seller.example")


def an_enrolment(name: str, tool: str, sequence: str, **changes: object) -> EnrolContact:
    """The enrolment of a contact whose address tells the test."""
    id_ = f"acme-1/prospecting/1/{name}/1"
    made = EnrolContact(
        id=id_, at=NOW, summary=f"Enrol in {tool}/{sequence}", enrolment=id_, tool=tool, sequence=sequence,
        to=Contact(id="ana", name="Ana Lopez", email=f"{name}@buyer.example"), sender=SAM, sender_role="rep",
        deal=Deal(id="acme-1", account=Account(id="acme", name="Acme")),
    )  # fmt: skip
    return made.model_copy(update=changes)


def its_stop(enrolled: EnrolContact) -> StopEnrolment:
    """What takes the contact out again."""
    head, _, occurrence = enrolled.id.rpartition("/")
    return StopEnrolment(
        id=f"{head}.stopped/{occurrence}", at=NOW, summary="Take somebody out", enrolment=enrolled.enrolment,
        tool=enrolled.tool, sequence=enrolled.sequence, address=enrolled.address, reason="they replied",
    )  # fmt: skip
