"""Every kind of step, told apart by the key that names its action. A new action is registered here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, get_args

from pydantic import Discriminator, Tag
from typing_extensions import TypeAliasType

from dealwright.playbook.language.branches import tag
from dealwright.playbook.language.steps.approval import ApprovalStep
from dealwright.playbook.language.steps.close import CloseStep
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.playbook.language.steps.enter import EnterStep
from dealwright.playbook.language.steps.handoff import HandoffStep
from dealwright.playbook.language.steps.notify import NotifyStep
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.steps.task import TaskStep


def actions_in(written: Mapping[str, object]) -> list[str]:
    """The actions that a step names, as it is written."""
    return [action for action in ACTIONS if written.get(action) is not None]


def _kind_of(written: object) -> str | None:
    if isinstance(written, Step):
        return tag(written.action)
    given = actions_in(written) if isinstance(written, Mapping) else []
    return tag(given[0]) if len(given) == 1 else None


AnyStep = TypeAliasType(
    "AnyStep",
    Annotated[
        Annotated[EmailStep, Tag(tag(EmailStep.action))]
        | Annotated[TaskStep, Tag(tag(TaskStep.action))]
        | Annotated[NotifyStep, Tag(tag(NotifyStep.action))]
        | Annotated[HandoffStep, Tag(tag(HandoffStep.action))]
        | Annotated[ApprovalStep, Tag(tag(ApprovalStep.action))]
        | Annotated[EnterStep, Tag(tag(EnterStep.action))]
        | Annotated[CloseStep, Tag(tag(CloseStep.action))],
        Discriminator(_kind_of),
    ],
)
"""A step as a field of a playbook's model."""
STEPS: Final[tuple[type[Step], ...]] = tuple(get_args(kind)[0] for kind in get_args(get_args(AnyStep.__value__)[0]))
ACTIONS: Final = tuple(kind.action for kind in STEPS)
"""What a step may do, by the keys that name it."""
