"""Every kind of step, told apart by the key that names its action. A new action is registered here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, get_args

from pydantic import BaseModel, BeforeValidator, Discriminator, Tag
from typing_extensions import TypeAliasType

from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic
from dealwright.diagnostics.suggestions import did_you_mean
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
from dealwright.playbook.language.steps.sms import BY_MACHINE, SmsByMachine
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.steps.subscribe import SubscribeStep
from dealwright.playbook.language.steps.task import TaskStep
from dealwright.playbook.language.steps.webhook import WebhookStep


def _actions_in(written: Mapping[str, object]) -> list[str]:
    """The actions that a step names, as it is written."""
    return [action for action in ACTIONS if written.get(action) is not None]


def _kind_of(written: object) -> str | None:
    if isinstance(written, Step):
        return BY_MACHINE if isinstance(written, SmsByMachine) else written.action
    if not isinstance(written, Mapping) or len(given := _actions_in(written)) != 1:
        return None
    by_machine = given[0] == SmsByMachine.action and written.get("by") == "machine"
    return BY_MACHINE if by_machine else given[0]


def _does_one_thing(written: object) -> object:
    """Refuse a step that names no action, or several: no kind of step could say what is wrong with it."""
    if not isinstance(written, Mapping) or len(actions := _actions_in(written)) == 1:
        return written
    known = list(dict.fromkeys((*ACTIONS, *(key for kind in STEPS for key in _keys(kind)))))
    if unknown := [str(key) for key in written if key not in known]:
        raise BadInput(
            Diagnostic((key,), f"{key!r} is no key here", did_you_mean(key, known), code="unknown_field", of_key=True)
            for key in unknown
        )
    if actions:
        raise BadValue(f"this step does {' and '.join(actions)}", "write a step for each")
    raise BadValue("this step does nothing", f"write one of {', '.join(ACTIONS)}", code="missing")


def belongs_elsewhere(model: type[BaseModel], key: str) -> tuple[str, str] | None:
    """The problem and the remedy of a key that steps of another kind have; None of any other key."""
    kinds = sorted({kind.told_as or kind.action for kind in STEPS if key in _keys(kind)})
    if not kinds or not issubclass(model, Step):
        return None
    return f"{key!r} says nothing for {model.action!r}", f"take it out: it belongs to a step with {' or '.join(kinds)}"


def _keys(kind: type[Step]) -> list[str]:
    return [info.alias or name for name, info in kind.model_fields.items()]


AnyStep = TypeAliasType(
    "AnyStep",
    Annotated[
        Annotated[EmailStep, Tag(EmailStep.action)]
        | Annotated[TaskStep, Tag(TaskStep.action)]
        | Annotated[CallStep, Tag(CallStep.action)]
        | Annotated[SocialStep, Tag(SocialStep.action)]
        | Annotated[SmsStep, Tag(SmsStep.action)]
        | Annotated[SmsByMachine, Tag(BY_MACHINE)]
        | Annotated[PostStep, Tag(PostStep.action)]
        | Annotated[NotifyStep, Tag(NotifyStep.action)]
        | Annotated[HandoffStep, Tag(HandoffStep.action)]
        | Annotated[ApprovalStep, Tag(ApprovalStep.action)]
        | Annotated[EnterStep, Tag(EnterStep.action)]
        | Annotated[CloseStep, Tag(CloseStep.action)]
        | Annotated[AssignStep, Tag(AssignStep.action)]
        | Annotated[WebhookStep, Tag(WebhookStep.action)]
        | Annotated[SubscribeStep, Tag(SubscribeStep.action)]
        | Annotated[EnrolStep, Tag(EnrolStep.action)]
        | Annotated[DocumentStep, Tag(DocumentStep.action)],
        Discriminator(_kind_of),
        BeforeValidator(_does_one_thing),
    ],
)
"""A step as a field of a playbook's model."""
STEPS: Final[tuple[type[Step], ...]] = tuple(get_args(kind)[0] for kind in get_args(get_args(AnyStep.__value__)[0]))
for _kind in STEPS:
    _kind.model_rebuild(_types_namespace={"AnyStep": AnyStep})  # under else stand steps of every kind
ACTIONS: Final = tuple(dict.fromkeys(kind.action for kind in STEPS))
"""What a step may do, by the keys that name it."""
