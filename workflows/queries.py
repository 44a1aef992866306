"""What people ask a deal: its queries."""

from __future__ import annotations

from temporalio import workflow

from workflows.deal_run import DealRun

with workflow.unsafe.imports_passed_through():
    from dealwright.decision import Verdict
    from dealwright.entries import Entry
    from dealwright.views.details_markdown import page_of
    from dealwright.views.snapshot import AgendaItem, Snapshot, agenda_of, snapshot_of


class Queries:
    """The base of a workflow that can be asked where its deal stands."""

    deal: DealRun

    @property
    def page(self) -> str:
        """What the Temporal UI shows of it, made when somebody looks."""
        return page_of(self.deal.state, self.deal.recent)

    @workflow.query(description="Where the deal stands.")
    def snapshot(self) -> Snapshot:
        """The public read model."""
        return snapshot_of(self.deal.state, repeats=self.deal.inbox.repeats, now=workflow.now())

    @workflow.query(description="The verdict of a command, by its update id; null while there is none.")
    def verdict(self, update_id: str) -> Verdict | None:
        """The verdict of a command."""
        return self.deal.inbox.verdict(update_id)

    @workflow.query(description="What tells the command that came under an update id from others; null if none did.")
    def content(self, update_id: str) -> str | None:
        """The fingerprint of a command's content."""
        return self.deal.inbox.content(update_id)

    @workflow.query(description="What happens next, when, and why.")
    def agenda(self) -> list[AgendaItem]:
        """What happens next."""
        return list(agenda_of(self.deal.state))

    @workflow.query(description="The entries of this run.")
    def story(self) -> list[Entry]:
        """The entries of this run."""
        return self.deal.entries
