"""Which action belongs to which kind of step. A new action is registered here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from dealwright.playbook.language.steps.approval import ApprovalStep
from dealwright.playbook.language.steps.assign import AssignStep
from dealwright.playbook.language.steps.channels import CallStep, PostStep, SmsStep, SocialStep
from dealwright.playbook.language.steps.close import CloseStep
from dealwright.playbook.language.steps.document import DocumentStep
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.playbook.language.steps.enrol import EnrolStep
from dealwright.playbook.language.steps.enter import EnterStep
from dealwright.playbook.language.steps.handoff import HandoffStep
from dealwright.playbook.language.steps.notify import NotifyStep
from dealwright.playbook.language.steps.sms import SmsByMachine
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.steps.subscribe import SubscribeStep
from dealwright.playbook.language.steps.task import TaskStep
from dealwright.playbook.language.steps.webhook import WebhookStep
from dealwright.rules.actions import (
    approval,
    assign,
    close,
    document,
    email,
    enrol,
    enter,
    handoff,
    notify,
    sms,
    subscribe,
    task,
    webhook,
)
from dealwright.rules.actions.due_step import DueStep, S
from dealwright.rules.decision_context import DecisionContext

Action: TypeAlias = Callable[[DecisionContext, DueStep[S]], bool]
"""Does a step. False when the step was only put off."""


def _for(kind: type[S], action: Action[S]) -> tuple[type[Step], Action[Any]]:
    return kind, action


ACTIONS: dict[type[Step], Action[Any]] = dict(
    (
        _for(EmailStep, email.carry_out),
        _for(TaskStep, task.carry_out),
        _for(CallStep, task.carry_out),
        _for(SocialStep, task.carry_out),
        _for(SmsStep, task.carry_out),
        _for(SmsByMachine, sms.carry_out),
        _for(PostStep, task.carry_out),
        _for(NotifyStep, notify.carry_out),
        _for(HandoffStep, handoff.carry_out),
        _for(ApprovalStep, approval.carry_out),
        _for(EnterStep, enter.carry_out),
        _for(CloseStep, close.carry_out),
        _for(AssignStep, assign.carry_out),
        _for(WebhookStep, webhook.carry_out),
        _for(SubscribeStep, subscribe.carry_out),
        _for(EnrolStep, enrol.carry_out),
        _for(DocumentStep, document.carry_out),
    )
)


def carry_out(context: DecisionContext, due: DueStep[Step]) -> bool:
    """Do what a step says. False when it was only put off."""
    return ACTIONS[type(due.step)](context, due)
