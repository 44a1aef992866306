"""``webhook``: one of the team's own systems is told about the deal."""

from __future__ import annotations

from dealwright.effects import PostWebhook
from dealwright.identity import of_run
from dealwright.playbook.language.steps.webhook import WebhookStep
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext


def carry_out(context: DecisionContext, due: DueStep[WebhookStep]) -> bool:
    """Start the request."""
    run, step = due.run, due.step
    summary = f"Post to {of_run(step.webhook, run.contact)}"
    context.start(
        PostWebhook(
            id=context.id_of_step(run, due.index), at=context.now, summary=summary, run=run.key,
            step=due.index, endpoint=step.webhook, deal=context.deal, stage=context.state.stage or "", play=run.play,
            contact=run.contact, text=step.text,
        )
    )  # fmt: skip
    return True
