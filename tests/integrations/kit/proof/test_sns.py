"""Messages of Amazon SNS: signed by Amazon, with a certificate of Amazon's, for a topic of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations.kit.proof.request import BadSecret, CannotVerify, InvalidSignature
from integrations.kit.proof.schemes import check_strength
from integrations.kit.proof.sns_rsa import SnsRsa, SnsVerifier
from tests.integrations.kit.proof.signers import (
    CERTIFICATE_URL,
    TOPIC,
    amazon,
    certificate_of,
    sns_message,
    sns_request,
)

NOW = datetime.now(UTC)
CONFIRMATION = {
    "Type": "SubscriptionConfirmation",
    "Token": "t",
    "SubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t",
}


class Web:
    """The network, as the check sees it."""

    def __init__(self) -> None:
        self.called: list[str] = []

    async def __call__(self, url: str) -> bytes:
        self.called.append(url)
        return await amazon(url)


@pytest.fixture
def web() -> Web:
    return Web()


def verifier(web: Web) -> SnsVerifier:
    return SnsRsa(scheme="sns_rsa").verifier("ses", [TOPIC], web)


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_message_that_amazon_signed_passes(web: Web, version: str) -> None:
    await verifier(web).check(sns_request(sns_message(NOW, SignatureVersion=version)), NOW)


async def test_the_certificate_is_got_once(web: Web) -> None:
    check = verifier(web)
    for subject in ("one", "two"):
        await check.check(sns_request(sns_message(NOW, Subject=subject)), NOW)
    assert web.called == [CERTIFICATE_URL]


@pytest.mark.parametrize("field", ["Message", "MessageId", "Timestamp", "Type", "Signature", "SignatureVersion"])
async def test_a_message_that_was_changed_is_refused(web: Web, field: str) -> None:
    message = sns_message(NOW)
    changes = {"Timestamp": (NOW + timedelta(seconds=1)).isoformat(), "Type": "UnsubscribeConfirmation"}
    for other in (changes.get(field, "YWJj"), ""):
        with pytest.raises(InvalidSignature):
            await verifier(web).check(sns_request({**message, field: other}), NOW)


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1", "ap-southeast-7", "mx-central-1", "cn-north-1"])
async def test_a_certificate_is_got_in_any_region(region: str) -> None:
    asked: list[str] = []

    async def web(url: str) -> bytes:
        asked.append(url)
        raise CannotVerify("nothing there")

    url = (
        f"https://sns.{region}.amazonaws.com{'.cn' if region.startswith('cn') else ''}/SimpleNotificationService-1.pem"
    )
    with pytest.raises(CannotVerify):
        await SnsVerifier(3600, frozenset({TOPIC}), web).check(sns_request(sns_message(NOW, SigningCertURL=url)), NOW)
    assert asked == [url]


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.eu-central-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.eu-central-1.amazonaws.com/a.pem",
        "https://sns.eu-central-1.amazonaws.com@evil.example/a.pem",
        "https://sns.eu-central-1.amazonaws.com:8443/a.pem",
        "http://sns.eu-central-1.amazonaws.com/a.pem",
        "https://sns.s3.amazonaws.com/a.pem",
        "https://sns.s3-eu-west-1.amazonaws.com/a.pem",
        "https://sns.execute-api.amazonaws.com/a.pem",
        "https://s3.eu-central-1.amazonaws.com/bucket/a.pem",
        "https://sns.evil.example/a.pem",
        "https://sns.x/y.amazonaws.com/a.pem",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
async def test_nobody_but_amazon_is_asked_for_a_certificate_or_a_confirmation(web: Web, url: str) -> None:
    with pytest.raises(InvalidSignature):
        await verifier(web).check(sns_request(sns_message(NOW, SigningCertURL=url)), NOW)
    assert web.called == []
    with pytest.raises(InvalidSignature):
        await verifier(web).check(sns_request(sns_message(NOW, **{**CONFIRMATION, "SubscribeURL": url})), NOW)
    assert web.called == [CERTIFICATE_URL]


async def test_a_message_of_somebody_elses_topic_is_refused_though_amazon_signed_it(web: Web) -> None:
    with pytest.raises(InvalidSignature, match="no topic that is configured"):
        await verifier(web).check(sns_request(sns_message(NOW, TopicArn=TOPIC.replace("bounces", "other"))), NOW)
    assert web.called == []


@pytest.mark.parametrize(("minutes", "side"), [(-61, "past"), (61, "future")])
async def test_a_stale_or_future_message_is_refused(web: Web, minutes: int, side: str) -> None:
    with pytest.raises(InvalidSignature, match=side):
        await verifier(web).check(sns_request(sns_message(NOW + timedelta(minutes=minutes))), NOW)


async def test_a_certificate_of_another_key_or_another_time_proves_nothing(web: Web) -> None:
    other = CERTIFICATE_URL.replace("-1.pem", "-0.pem")
    assert certificate_of(0) != certificate_of(1)
    with pytest.raises(InvalidSignature, match="does not match"):
        await verifier(web).check(sns_request(sns_message(NOW, SigningCertURL=other)), NOW)
    later = NOW + timedelta(days=30)
    with pytest.raises(InvalidSignature, match="not valid now"):
        await verifier(web).check(sns_request(sns_message(later)), later)


async def test_a_subscription_to_our_topic_is_confirmed_and_only_when_it_is_proven(web: Web) -> None:
    message = sns_message(NOW, **CONFIRMATION)
    with pytest.raises(InvalidSignature):
        await verifier(web).check(sns_request({**message, "Token": "other"}), NOW)
    assert web.called == [CERTIFICATE_URL]
    await verifier(web).check(sns_request(message), NOW)
    assert web.called[-1] == CONFIRMATION["SubscribeURL"]


async def test_while_amazon_is_away_nothing_is_said_of_the_message() -> None:
    async def away(url: str) -> bytes:
        raise CannotVerify(url)

    with pytest.raises(CannotVerify):
        await SnsRsa(scheme="sns_rsa").verifier("ses", [TOPIC], away).check(sns_request(sns_message(NOW)), NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b'{"TopicArn": 1}', b"[" * 100_000])
async def test_what_is_no_message_is_refused_and_no_fault(web: Web, body: bytes) -> None:
    with pytest.raises(InvalidSignature):
        await verifier(web).check(replace(sns_request({}), body=body), NOW)


def test_what_is_no_topic_is_found_at_the_start() -> None:
    check_strength("ses", SnsRsa(scheme="sns_rsa"), [TOPIC])
    with pytest.raises(BadSecret, match="no ARN of a topic"):
        check_strength("ses", SnsRsa(scheme="sns_rsa"), ["arn:aws:sqs:eu-central-1:123456789012:x"])
