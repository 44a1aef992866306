from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationErrorCategory

from activities.billing import Subscriptions
from activities.crm import CrmRecords
from activities.documents import SentDocuments
from activities.enrolments import Enrolments
from activities.handoffs import Handoffs
from activities.journal import Journal
from activities.outreach import Notices, Outreach
from activities.routing import Routing
from activities.tasks import Tasks
from activities.text_messages import Texting
from activities.webhooks import Webhooks
from dealwright import contract
from dealwright.effects import EFFECT_KINDS
from integrations.kit.errors import NotHandedOver, Refused, Unanswered, from_http_status, overtaken, try_again


def test_every_effect_has_an_activity_of_its_name() -> None:
    classes = (
        Outreach, Notices, Tasks, Texting, Handoffs, CrmRecords, Journal, Routing, Webhooks, Subscriptions, Enrolments,
        SentDocuments,
    )  # fmt: skip
    definitions = [activity._Definition.from_callable(method) for one in classes for method in vars(one).values()]
    names = {definition.name for definition in definitions if definition is not None}
    assert names == {*EFFECT_KINDS, contract.WRITE_JOURNAL, contract.WITHDRAW}


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (400, Refused), (401, Refused), (404, Refused), (410, Refused), (422, Refused),
        (408, NotHandedOver), (425, NotHandedOver), (429, NotHandedOver),
        (500, NotHandedOver), (501, NotHandedOver), (503, NotHandedOver),
        (502, Unanswered), (504, Unanswered),
    ],
)  # fmt: skip
def test_an_http_answer_is_final_retryable_or_none(status: int, meaning: type[Exception]) -> None:
    assert type(from_http_status(status, "why")) is meaning


def test_a_server_that_says_when_to_come_again_is_listened_to() -> None:
    error = from_http_status(429, "slow down", retry_after="30")
    assert isinstance(error, NotHandedOver)
    assert try_again(error).next_retry_delay == timedelta(seconds=30)
    undated = from_http_status(429, "slow down", retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
    assert isinstance(undated, NotHandedOver)
    assert undated.retry_after is None


def test_being_overtaken_is_nothing_to_worry_about() -> None:
    assert overtaken("acme-1/t").category is ApplicationErrorCategory.BENIGN
    assert not overtaken("acme-1/t").non_retryable
