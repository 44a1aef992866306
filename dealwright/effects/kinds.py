"""Every kind of effect, in one place."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Tag

from dealwright.effect_base import EffectBase, UnknownEffect
from dealwright.effects.billing import CancelSubscription, ChangeSubscription, StartSubscription
from dealwright.effects.crm import LogActivity, UpdateCrm
from dealwright.effects.documents import SendDocument, WithdrawDocument
from dealwright.effects.endpoints import PostWebhook
from dealwright.effects.enrolments import EnrolContact, StopEnrolment
from dealwright.effects.messages import SendEmail, SendSms
from dealwright.effects.routing import ChooseOwner
from dealwright.effects.work import CloseTask, CreateTask, HandOver, Notify, RequestApproval


def _tag(value: object) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if kind in EFFECT_KINDS else "unknown"


EFFECT_KINDS: dict[str, type[EffectBase]] = {
    "send_email": SendEmail,
    "send_sms": SendSms,
    "create_task": CreateTask,
    "close_task": CloseTask,
    "notify": Notify,
    "hand_over": HandOver,
    "request_approval": RequestApproval,
    "update_crm": UpdateCrm,
    "log_activity": LogActivity,
    "choose_owner": ChooseOwner,
    "post_webhook": PostWebhook,
    "start_subscription": StartSubscription,
    "change_subscription": ChangeSubscription,
    "cancel_subscription": CancelSubscription,
    "enrol_contact": EnrolContact,
    "stop_enrolment": StopEnrolment,
    "send_document": SendDocument,
    "withdraw_document": WithdrawDocument,
}
"""Every kind of effect; the kind is also the name of the activity that does it."""

Effect = Annotated[
    Annotated[SendEmail, Tag("send_email")]
    | Annotated[SendSms, Tag("send_sms")]
    | Annotated[CreateTask, Tag("create_task")]
    | Annotated[CloseTask, Tag("close_task")]
    | Annotated[Notify, Tag("notify")]
    | Annotated[HandOver, Tag("hand_over")]
    | Annotated[RequestApproval, Tag("request_approval")]
    | Annotated[UpdateCrm, Tag("update_crm")]
    | Annotated[LogActivity, Tag("log_activity")]
    | Annotated[ChooseOwner, Tag("choose_owner")]
    | Annotated[PostWebhook, Tag("post_webhook")]
    | Annotated[StartSubscription, Tag("start_subscription")]
    | Annotated[ChangeSubscription, Tag("change_subscription")]
    | Annotated[CancelSubscription, Tag("cancel_subscription")]
    | Annotated[EnrolContact, Tag("enrol_contact")]
    | Annotated[StopEnrolment, Tag("stop_enrolment")]
    | Annotated[SendDocument, Tag("send_document")]
    | Annotated[WithdrawDocument, Tag("withdraw_document")]
    | Annotated[UnknownEffect, Tag("unknown")],
    Discriminator(_tag),
]
