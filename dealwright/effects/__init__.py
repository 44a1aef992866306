"""What can be done outside, typed, each with an id of its own.

An effect is decided once and handed over once. It carries all that its activity needs, so that what is sent is what
was decided, whatever the rules say a minute later. ``at`` and every limit are in the deal's own time.
"""

from dealwright.effects.billing import CancelSubscription, ChangeSubscription, StartSubscription
from dealwright.effects.crm import CrmPart, LogActivity, UpdateCrm
from dealwright.effects.documents import SendDocument, WithdrawDocument
from dealwright.effects.endpoints import PostWebhook
from dealwright.effects.enrolments import EnrolContact, StopEnrolment
from dealwright.effects.kinds import EFFECT_KINDS, Effect
from dealwright.effects.messages import SENT, Cap, Message, SendEmail, SendSms
from dealwright.effects.outcome import Conversation, Outcome
from dealwright.effects.routing import ChooseOwner
from dealwright.effects.work import CloseTask, CreateTask, HandOver, Notify, RequestApproval

__all__ = [
    "EFFECT_KINDS",
    "SENT",
    "CancelSubscription",
    "Cap",
    "ChangeSubscription",
    "ChooseOwner",
    "CloseTask",
    "Conversation",
    "CreateTask",
    "CrmPart",
    "Effect",
    "EnrolContact",
    "HandOver",
    "LogActivity",
    "Message",
    "Notify",
    "Outcome",
    "PostWebhook",
    "RequestApproval",
    "SendDocument",
    "SendEmail",
    "SendSms",
    "StartSubscription",
    "StopEnrolment",
    "UpdateCrm",
    "WithdrawDocument",
]
