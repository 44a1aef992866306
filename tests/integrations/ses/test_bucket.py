"""Mail that SES has put into a bucket: got with a signed request, whose signature is Amazon's own example."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr, ValidationError

from integrations.kit.errors import NotHandedOver
from integrations.kit.mapping.source_mapping import Source
from integrations.registry import shipped_mappings
from integrations.ses.bucket import Bucket
from integrations.ses.handler import SesHandler
from integrations.ses.settings import SesConnection
from integrations.ses.signature import AwsKey, signed
from store.database import Store
from store.intake import Event, IntakeState
from tests.integrations.mail.letters import RECEIVED, letter
from tests.integrations.mail.provider_requests import json_request
from tests.integrations.mail.sent_letters import DEAL, sent
from tests.simulators.scripted_api import Says, ScriptedApi, scripted_api

# Of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "GET Object".
ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEY = AwsKey(id=ID, secret=SECRET, region="us-east-1")


@pytest.fixture
async def s3() -> AsyncIterator[ScriptedApi]:
    async with scripted_api() as api:
        yield api


def bucket(s3: ScriptedApi) -> Bucket:
    given = {
        "region": "us-east-1", "bucket": "mail", "access_key_id": ID, "secret_access_key": SecretStr(SECRET),
        "base_url": s3.url,
    }  # fmt: skip
    return Bucket(SesConnection.model_validate(given), lambda: RECEIVED)


def source() -> Source:
    return shipped_mappings()["ses"].with_settings({})


async def told(store: Store, from_: Bucket | None, **action: str) -> Event:
    """What an event becomes that says only where its message lies."""
    where = {"type": "S3", "bucketName": "mail", "objectKey": "inbound/ä 1", **action}
    receipt = {"recipients": ["deals@in.seller.test"], "action": where}
    message = {"notificationType": "Received", "mail": {"source": "ada@acme.test"}, "receipt": receipt}
    body = {"Type": "Notification", "MessageId": "sns-1", "Message": json.dumps(message)}
    handler = SesHandler(bucket=from_, clock=lambda: RECEIVED)
    (event,) = (await handler(json_request(body), source(), store)).events
    return event


def test_a_request_is_signed_as_in_amazons_example() -> None:
    at = datetime(2013, 5, 24, tzinfo=UTC)
    headers = signed(KEY, "examplebucket.s3.amazonaws.com", "/test.txt", {"Range": "bytes=0-9"}, at)
    assert headers["Authorization"] == (
        f"AWS4-HMAC-SHA256 Credential={ID}/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


async def test_a_message_in_the_bucket_is_told_to_its_deal(s3: ScriptedApi, store: Store) -> None:
    ours = await sent(store)
    s3.will_say(Says(206, letter(In_Reply_To=ours["Message-ID"])))
    event = await told(store, bucket(s3))
    assert (event.deal_ref, event.fact) == (DEAL, "reply_received")


async def test_what_was_sent_is_what_was_signed(s3: ScriptedApi, store: Store) -> None:
    s3.will_say(Says(206, letter()))
    await told(store, bucket(s3))
    (got,) = s3.got
    assert got.path == "/mail/inbound/%C3%A4%201"
    headers = signed(KEY, urlsplit(s3.url).netloc, got.path, {"Range": got.headers["range"]}, RECEIVED)
    assert got.headers["authorization"] == headers["Authorization"]


async def test_a_bucket_that_is_away_is_asked_again_when_the_event_is_sent_again(s3: ScriptedApi, store: Store) -> None:
    s3.will_say(Says(503, b"<Error><Code>SlowDown</Code></Error>"))
    with pytest.raises(NotHandedOver):
        await told(store, bucket(s3))


async def test_what_may_not_be_read_is_kept_with_the_reason_and_without_the_key(s3: ScriptedApi, store: Store) -> None:
    s3.will_say(Says(403, f"<Error><Code>AccessDenied</Code>{SECRET}</Error>".encode()))
    event = await told(store, bucket(s3))
    assert event.state is IntakeState.REFUSED
    assert "AccessDenied" in str(event.last_error)
    assert SECRET not in str(event.last_error)


async def test_no_other_bucket_is_read_than_the_one_of_the_connection(s3: ScriptedApi, store: Store) -> None:
    event = await told(store, bucket(s3), bucketName="somebody-elses")
    assert (event.state, s3.got) == (IntakeState.REFUSED, [])


async def test_without_a_bucket_it_is_kept_with_what_to_do(store: Store) -> None:
    event = await told(store, None)
    assert event.state is IntakeState.REFUSED
    assert "access key under ses" in str(event.last_error)


def test_a_bucket_without_an_access_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="how to read the bucket"):
        SesConnection.model_validate({"bucket": "mail"})
