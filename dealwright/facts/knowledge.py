"""What is found out in conversations: answers, people, pieces for a handoff."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from dealwright.deal import Contact, Known
from dealwright.facts.base import Fact, Fields
from dealwright.qualification import Qualification, Standing
from dealwright.values.recorded import Day, Given, Name, Text

__all__ = [
    "ContactsLearned",
    "FieldsLearned",
    "ForecastGiven",
    "NotesLearned",
    "QualificationLearned",
]


class Answer(Given):
    """An answer, with how sure it is and what shows it."""

    value: Text
    """The answer, in the words of whoever found it out."""
    status: Literal["named", "met", "verified"] | None = None
    """``named``: somebody told us; ``met``: we heard it from whom it is about; ``verified``: something shows it."""
    evidence: Text | None = None
    """What shows it: a call, a mail, a document."""


Answered: TypeAlias = Text | Answer | None


class Answers(Given):
    """Answers to BANT and MEDDPICC questions, each a text, or with how sure it is; ``null`` clears one."""

    budget: Answered = None
    authority: Answered = None
    need: Answered = None
    timeline: Answered = None
    metrics: Answered = None
    economic_buyer: Answered = None
    decision_criteria: Answered = None
    decision_process: Answered = None
    pain: Answered = None
    champion: Answered = None
    paper_process: Answered = None
    competition: Answered = None


class QualificationLearned(Fact):
    """Answers to BANT or MEDDPICC questions, each perhaps with how sure it is; those not given stay as they were."""

    name = "qualification_learned"
    teaches = ("qualification", "standing")
    answers: Answers

    def learn(self) -> Known | None:
        told = self.answers.model_fields_set
        given = {question: answer for question, answer in self.answers if question in told}  # in one order everywhere
        sure = {question: answer for question, answer in given.items() if isinstance(answer, Answer)}
        words = given | {question: answer.value for question, answer in sure.items()}
        standing = {
            question: Standing(answer=answer.value, status=answer.status, evidence=answer.evidence)
            for question, answer in sure.items()
        }
        return Known(qualification=Qualification.model_validate(words), standing=standing or None)


class ContactsLearned(Fact):
    """Stakeholders became known or changed; what is not given of a known one stays as it was."""

    name = "contacts_learned"
    teaches = ("contacts",)
    contacts: Annotated[tuple[Contact, ...], Field(min_length=1, max_length=50)]

    def learn(self) -> Known | None:
        return Known(contacts=self.contacts)


class NotesLearned(Fact):
    """Pieces for a handoff, by name: ``use_case``, ``success_criteria``."""

    name = "notes_learned"
    teaches = ("notes",)
    notes: Annotated[dict[Name, Text], Field(min_length=1, max_length=50)]

    def learn(self) -> Known | None:
        return Known(notes=dict(self.notes))


class FieldsLearned(Fact):
    """Values of fields that the playbook declares became known; those not given stay, ``null`` clears one."""

    name = "fields_learned"
    teaches = ("fields",)
    fields: Annotated[Fields, Field(min_length=1)]
    """Each by its name: a number, a text, a day (``2026-01-31``), or an amount with its currency."""

    def learn(self) -> Known | None:
        return Known(fields=self.fields)


class ForecastGiven(Fact):
    """Somebody says when the deal is expected to close, and how sure that is; ``by`` says who."""

    name = "forecast_given"
    variant_field = "forecast"
    teaches = ("forecast", "close_on")
    forecast: Literal["pipeline", "best_case", "commit"] | None = None
    """How sure it is: it may come (``pipeline``), it will if all goes well (``best_case``), it will (``commit``)."""
    close_on: Day | None = None
    """The day on which the deal is expected to close."""

    def learn(self) -> Known | None:
        cleared = self.no_longer("forecast", "close_on")
        return Known(forecast=self.forecast, close_on=self.close_on, cleared=cleared)
