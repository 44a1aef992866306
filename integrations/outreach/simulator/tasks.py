"""Tasks and calls of a simulated organization, as Outreach shows them."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel

from integrations.outreach.simulator.shown import JsonObject, moment, resource


class Task(BaseModel):
    """Something that somebody is to do."""

    id: int
    action: str
    note: str | None
    due: AwareDatetime | None
    owner: int
    prospect: int | None
    call: int | None = None
    completed: AwareDatetime | None = None
    completions: int = 0
    """How often somebody completed it."""
    created: AwareDatetime
    updated: AwareDatetime

    def attributes(self) -> JsonObject:
        """All of them."""
        done = self.completed is not None
        return {
            "action": self.action, "note": self.note, "dueAt": moment(self.due), "taskType": "manual",
            "state": "complete" if done else "incomplete", "completed": done, "completedAt": moment(self.completed),
            "stateChangedAt": moment(self.completed), "createdAt": moment(self.created),
            "updatedAt": moment(self.updated), "scheduledAt": None, "autoskipAt": None,
            "compiledSequenceTemplateHtml": None, "opportunityAssociation": None,
        }  # fmt: skip

    def related(self) -> dict[str, tuple[str, int | None]]:
        """What it belongs to."""
        return {
            "owner": ("user", self.owner), "prospect": ("prospect", self.prospect), "call": ("call", self.call),
            "subject": ("prospect", self.prospect), "completer": ("user", self.owner if self.completed else None),
        }  # fmt: skip

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return resource("task", self.id, self.attributes(), self.related())


class Call(BaseModel):
    """A call that was logged."""

    id: int
    task: int
    disposition: int | None = None

    def shown(self) -> JsonObject:
        """As the API shows it."""
        related = {"task": ("task", self.task), "callDisposition": ("callDisposition", self.disposition)}
        return resource("call", self.id, {"direction": "outbound", "outcome": "Answered"}, related)


class Disposition(BaseModel):
    """What the organization calls an outcome of calls."""

    id: int
    name: str

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return resource("callDisposition", self.id, {"name": self.name}, {})
