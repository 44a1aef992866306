"""What ``decide`` needs to know next time: the state of a deal, and the records that it is made of.

Belongs here: what the fold keeps between decisions. Does not belong here: rules, and what only views need.
"""

from __future__ import annotations

from dealwright.open_work import Agreed, Approval, Fallen, Handoff, Suggestion, Task
from dealwright.state.billing import AsBilled, BilledTerm, Billing
from dealwright.state.deal_state import DealState
from dealwright.state.documents import Document
from dealwright.state.enrolments import Enrolment
from dealwright.state.known import Conversation, Counted, CrmValue, Happened
from dealwright.state.people import WITH_CONTACT, Absence, ChannelWish, Silence, Stranger, Written
from dealwright.state.runs import ActivePause, HeldEnd, Pending, Run
from dealwright.state.standings import Standing

__all__ = [
    "WITH_CONTACT",
    "Absence",
    "ActivePause",
    "Agreed",
    "Approval",
    "AsBilled",
    "BilledTerm",
    "Billing",
    "ChannelWish",
    "Conversation",
    "Counted",
    "CrmValue",
    "DealState",
    "Document",
    "Enrolment",
    "Fallen",
    "Handoff",
    "Happened",
    "HeldEnd",
    "Pending",
    "Run",
    "Silence",
    "Standing",
    "Stranger",
    "Suggestion",
    "Task",
    "Written",
]
