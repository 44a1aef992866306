"""Signatures: the published vectors, and everything that must not pass for one."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from gateway.webhooks.sources import SourceConfiguration, configured_sources
from integrations.kit.mapping.files import read_mapping
from integrations.kit.proof.request import BadSecret, InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.registry import shipped_mappings
from tests.gateway.signed_requests import HUBSPOT_SECRET, STANDARD_SECRET, hubspot_headers, standard_headers

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
URL = "https://deals.example.com/webhooks/hubspot"
BODY = '[{"eventId": 1, "propertyValue": "Müller & Söhne ✓"}]'.encode()
MAPPINGS = shipped_mappings()


async def check(source: str, secrets: Sequence[str], request: WebhookRequest, now: datetime) -> None:
    await verifier_for(source, MAPPINGS[source].auth, secrets).check(request, now)


def request(headers: Mapping[str, str], body: bytes = BODY, url: str = URL) -> WebhookRequest:
    return WebhookRequest("POST", url, {name.lower(): value for name, value in headers.items()}, body)


async def hubspot(headers: Mapping[str, str], body: bytes = BODY, url: str = URL, *secrets: str) -> None:
    await check("hubspot", secrets or (HUBSPOT_SECRET,), request(headers, body, url), NOW)


def signed(url: str = URL, body: bytes = BODY, *, at: datetime = NOW, secret: str = HUBSPOT_SECRET) -> dict[str, str]:
    return hubspot_headers(url, body, at=at.timestamp(), secret=secret)


async def standard(headers: Mapping[str, str], body: bytes, *secrets: str) -> None:
    await check("standard", secrets or (STANDARD_SECRET,), request(headers, body), datetime.now(UTC))


async def test_the_vector_that_hubspot_publishes_passes() -> None:
    headers = {
        "X-HubSpot-Signature-v3": "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=",
        "X-HubSpot-Request-Timestamp": "15000000",
    }
    vector = request(headers, b"{'example_field':'example_value'}", "https://www.example.com/webhook_uri")
    await check("hubspot", [HUBSPOT_SECRET], vector, datetime.fromtimestamp(15000, UTC))


async def test_the_vector_that_standard_webhooks_publishes_passes() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    with time_machine.travel(datetime.fromtimestamp(1614265330, UTC)):
        await standard(headers, b'{"test": 2432232314}')


async def test_a_body_in_any_script_is_signed_as_the_bytes_that_came() -> None:
    await hubspot(signed())


@pytest.mark.parametrize("seconds", [-299, 0, 299])
async def test_clocks_may_differ_by_five_minutes_both_ways(seconds: int) -> None:
    await hubspot(signed(at=NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize(("seconds", "side"), [(-301, "past"), (301, "future"), (-86_400 * 365, "past")])
async def test_a_stale_or_future_request_is_refused_though_its_signature_is_right(seconds: int, side: str) -> None:
    with pytest.raises(InvalidSignature, match=f"in the {side}"):
        await hubspot(signed(at=NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("position", range(0, len(BODY), 7))
async def test_one_flipped_byte_anywhere_in_the_body_is_refused(position: int) -> None:
    flipped = bytes([*BODY[:position], BODY[position] ^ 1, *BODY[position + 1 :]])
    with pytest.raises(InvalidSignature, match="does not match"):
        await hubspot(signed(), flipped)


async def test_the_same_json_written_otherwise_is_refused() -> None:
    with pytest.raises(InvalidSignature, match="does not match"):
        await hubspot(signed(), BODY.replace(b": ", b":"))


@pytest.mark.parametrize(
    "url",
    [
        "http://deals.example.com/webhooks/hubspot",
        "https://deals.example.com:443/webhooks/hubspot",
        "https://deals.example.com/webhooks/hubspot/",
        "https://deals.example.com/webhooks/hubspot?a=1",
    ],
)
async def test_another_url_than_the_one_signed_is_refused_and_named(url: str) -> None:
    with pytest.raises(InvalidSignature, match="public URL") as caught:
        await hubspot(signed(), url=url)
    assert url in str(caught.value)


async def test_percent_encodings_are_decoded_as_hubspot_does_before_it_signs() -> None:
    called = "https://deals.example.com/webhooks/hubspot?to=a%40b%3a%2Fc%20d%2526"
    signed_as = "https://deals.example.com/webhooks/hubspot?to=a@b:/c%20d%2526"
    await hubspot(signed(signed_as), url=called)


@pytest.mark.parametrize("header", ["X-HubSpot-Signature-v3", "X-HubSpot-Request-Timestamp"])
@pytest.mark.parametrize("value", [None, "", "ü", "12e3", "-1", "v1,abc", "9" * 40])
async def test_a_header_that_is_missing_or_malformed_is_refused(header: str, value: str | None) -> None:
    headers = {name: text for name, text in signed().items() if name != header}
    with pytest.raises(InvalidSignature):
        await hubspot(headers if value is None else headers | {header: value})


async def test_any_of_several_active_secrets_passes_and_no_other() -> None:
    await hubspot(signed(secret="new"), BODY, URL, "old", "new")
    await hubspot(signed(secret="old"), BODY, URL, "old", "new")
    with pytest.raises(InvalidSignature):
        await hubspot(signed(secret="older"), BODY, URL, "old", "new")


async def test_the_older_signature_header_proves_nothing() -> None:
    with pytest.raises(InvalidSignature, match="v3 is missing"):
        await hubspot({"X-HubSpot-Signature": "a" * 64, "X-HubSpot-Request-Timestamp": "1"})


async def test_standard_webhooks_take_one_match_among_several_signatures() -> None:
    headers = standard_headers("m1", BODY)
    await standard(headers | {"webhook-signature": f"v1,bm90IGl0 v1a,eA== {headers['webhook-signature']}"}, BODY)


async def test_standard_webhooks_take_any_of_several_active_secrets() -> None:
    other = "whsec_" + base64.b64encode(b"another secret of ours").decode()
    await standard(standard_headers("m1", BODY, secret=other), BODY, STANDARD_SECRET, other)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,not base64"},
        {"webhook-signature": "v1,ü"},
        {"webhook-signature": ""},
        {"webhook-id": "m2"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "0"},
    ],
)
async def test_a_malformed_or_changed_header_is_refused_and_no_fault(changed: dict[str, str]) -> None:
    with pytest.raises(InvalidSignature):
        await standard(standard_headers("m1", BODY) | changed, BODY)


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_standard_webhooks_refuse_a_stale_or_future_request(minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    with pytest.raises(InvalidSignature, match=r"in the (past|future)"):
        await standard(standard_headers("m1", BODY, at=at), BODY)


async def test_a_body_that_is_no_text_is_refused_and_no_fault() -> None:
    with pytest.raises(InvalidSignature):
        await standard(standard_headers("m1", b"{}"), b"\xff\xfe")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_a", "no base64 at all!"])
def test_a_secret_that_cannot_be_used_is_found_at_the_start(secret: str) -> None:
    with pytest.raises(BadSecret, match="standard"):
        verifier_for("standard", MAPPINGS["standard"].auth, [secret])


@pytest.mark.parametrize("secret", ["x", "fifteen bytes !", " " * 40])
def test_a_secret_that_is_too_short_is_found_at_the_start(secret: str) -> None:
    encoded = base64.b64encode(secret.encode()).decode()
    for source, written in (("hubspot", secret), ("standard", f"whsec_{encoded}"), ("standard", encoded)):
        with pytest.raises(BadSecret, match=f"secret of {source} has .* at least 16") as caught:
            configured_sources(MAPPINGS, SourceConfiguration({source: [written]}), "https://deals.example.com")
        assert written not in str(caught.value)


@pytest.mark.parametrize("secret", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_MfKQ9r8GKYqr*TwjUPD8ILPZIo2LaLaSw"])
def test_a_secret_in_broken_base64_is_found_at_the_start(secret: str) -> None:
    with pytest.raises(BadSecret, match="secret of standard is not base64") as caught:
        configured_sources(MAPPINGS, SourceConfiguration({"standard": [secret]}), None)
    assert secret not in str(caught.value)


async def test_without_a_secret_nothing_passes() -> None:
    with pytest.raises(InvalidSignature, match="no secret is configured"):
        await check("hubspot", [], request(signed()), NOW)


async def test_another_source_may_sign_in_hex_with_sha1_and_no_time() -> None:
    text = """
source: other
title: Other
about: A test.
auth: {scheme: hmac, algorithm: sha1, encoding: hex, header: X-Signature, signs: "{body}"}
event_id: [event.id]
occurred_at: {path: event.at}
deal: {id: event.deal}
keep_ids_for: 5d
rules: [{fact: note_added}]
"""
    proof = verifier_for("other", read_mapping(text, "other.yaml").auth, ["key"])
    # As `openssl dgst -sha1 -hmac key` says of the sentence.
    right = "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"
    quick = b"The quick brown fox jumps over the lazy dog"
    await proof.check(request({"X-Signature": right}, quick), NOW)
    with pytest.raises(InvalidSignature):
        await proof.check(request({"X-Signature": right}, quick + b"."), NOW)
