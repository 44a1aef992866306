"""Every scheme of proof, and everything that must not pass for one."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations.kit.mapping.files import read_mapping
from integrations.kit.mapping.source_mapping import BadMapping
from integrations.kit.proof.request import BadSecret, InvalidSignature, WebhookRequest
from integrations.kit.proof.scheme import Scheme
from integrations.kit.proof.schemes import check_strength, verifier_for
from tests.integrations.kit.proof.signers import FORM, SIGNERS, URL, Signer, changed

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
TOO_FAR = timedelta(seconds=302)


def auth_of(signer: Signer) -> Scheme:
    text = f"""
source: {signer.source}
title: A test
about: A test.
auth: {signer.auth}
keep_ids_for: 5d
event_id: [event.id]
occurred_at: {{path: event.at}}
deal: {{id: event.deal}}
rules: [{{fact: note_added}}]
"""
    return read_mapping(text, "test.yaml").auth


async def check(signer: Signer, request: WebhookRequest, secrets: Sequence[str], now: datetime = NOW) -> None:
    await verifier_for(signer.source, auth_of(signer), secrets).check(request, now)


every_signer = pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.name)
those_with_a_time = pytest.mark.parametrize("signer", [s for s in SIGNERS if s.has_time], ids=lambda s: s.name)
those_over_the_body = pytest.mark.parametrize("signer", [s for s in SIGNERS if s.covers_body], ids=lambda s: s.name)
those_over_the_url = pytest.mark.parametrize("signer", [s for s in SIGNERS if s.covers_url], ids=lambda s: s.name)


@every_signer
async def test_what_the_source_signed_passes(signer: Signer) -> None:
    await check(signer, signer.request(NOW), signer.secrets[:1])


@every_signer
async def test_while_one_secret_replaces_another_either_passes_and_afterwards_one(signer: Signer) -> None:
    for which in (0, 1):
        await check(signer, signer.request(NOW, which), signer.secrets)
    with pytest.raises(InvalidSignature):
        await check(signer, signer.request(NOW, 0), signer.secrets[1:])


@every_signer
async def test_without_a_secret_nothing_passes(signer: Signer) -> None:
    with pytest.raises(InvalidSignature, match="no secret is configured"):
        await check(signer, signer.request(NOW), [])


@those_over_the_body
async def test_a_flipped_byte_anywhere_in_the_body_is_refused(signer: Signer) -> None:
    right = signer.request(NOW)
    for position in range(0, len(right.body), 5):
        flipped = bytes([*right.body[:position], right.body[position] ^ 1, *right.body[position + 1 :]])
        with pytest.raises(InvalidSignature):
            await check(signer, changed(right, body=flipped), signer.secrets)


@those_over_the_body
async def test_the_same_content_written_otherwise_is_refused(signer: Signer) -> None:
    right = signer.request(NOW)
    other = json.dumps(json.loads(right.body)).encode() if signer.content_type != FORM else right.body + b"&more="
    with pytest.raises(InvalidSignature):
        await check(signer, changed(right, body=other), signer.secrets)


@those_over_the_url
@pytest.mark.parametrize(
    "other", ["http://deals.example.com", "https://other.example.com", "https://deals.example.com/a"]
)
async def test_another_url_than_the_one_signed_is_refused(signer: Signer, other: str) -> None:
    right = signer.request(NOW)
    url = right.url.replace("https://deals.example.com", other)
    if signer.name == "path_signed":  # it signs the path alone
        url = right.url + "?more=1"
    with pytest.raises(InvalidSignature):
        await check(signer, changed(right, url=url), signer.secrets)


@those_with_a_time
@pytest.mark.parametrize("side", [-1, 1])
async def test_a_stale_or_future_request_is_refused_though_its_signature_is_right(signer: Signer, side: int) -> None:
    await check(signer, signer.request(NOW + side * timedelta(seconds=298)), signer.secrets)
    with pytest.raises(InvalidSignature, match="in the past" if side < 0 else "in the future"):
        await check(signer, signer.request(NOW + side * TOO_FAR), signer.secrets)


@every_signer
@pytest.mark.parametrize(
    "value", [None, "", "ü", "v0=", "t=1,v1=", "Bearer x.y.z", "Basic =", "v1,ü", "\x00", "a" * 9000]
)
async def test_a_proof_that_is_missing_or_malformed_is_refused_and_no_fault(signer: Signer, value: str | None) -> None:
    right = signer.request(NOW)
    headers = {name: text for name, text in right.headers.items() if name != signer.header.lower()}
    if value is not None and signer.header:
        headers[signer.header.lower()] = value
    bare = changed(right, headers=headers, path_secret=value or "")
    if signer.query(right.body, 0):
        bare = changed(bare, query={} if value is None else {"signature": value, "bodySHA256": value})
    with pytest.raises(InvalidSignature):
        await check(signer, bare, signer.secrets)


@every_signer
async def test_a_body_of_anything_is_refused_and_no_fault(signer: Signer) -> None:
    right = signer.request(NOW)
    for body in (b"", b"\xff\xfe", b"[" * 100_000, b"a=b&" * 5000):
        if signer.covers_body:
            with pytest.raises(InvalidSignature):
                await check(signer, changed(right, body=body), signer.secrets)
        else:
            await check(signer, changed(right, body=body), signer.secrets)


@every_signer
def test_a_scheme_says_truly_whether_its_proof_has_a_time(signer: Signer) -> None:
    # Gong's token has times in what was seen, and nobody has documented that it always does.
    assert auth_of(signer).has_time is (signer.has_time and signer.name != "gong")
    assert auth_of(signer).signs_url is signer.covers_url


@every_signer
def test_a_weak_or_wrong_secret_is_found_at_the_start_and_not_repeated(signer: Signer) -> None:
    check_strength(signer.source, auth_of(signer), signer.secrets)
    with pytest.raises(BadSecret) as caught:
        check_strength(signer.source, auth_of(signer), ["sw0rdf1sh"])
    assert "sw0rdf1sh" not in str(caught.value)


MAILGUN = Signer(
    "mailgun",
    '{scheme: hmac, field: signature.signature, signs: "{timestamp}{body.signature.token}",'
    " timestamp: {field: signature.timestamp}}",
    sign=lambda *_: {},
)


async def test_a_signature_may_stand_in_the_body_beside_what_it_signs() -> None:
    # As Mailgun signs: the key, the time and a token, and nothing else of the body.
    stamp = str(int(NOW.timestamp()))
    signature = hmac.new(MAILGUN.secrets[0].encode(), f"{stamp}tok".encode(), hashlib.sha256).hexdigest()
    inner = {"timestamp": stamp, "token": "tok", "signature": signature}
    right = WebhookRequest("POST", URL, {"content-type": "application/json"}, json.dumps({"signature": inner}).encode())
    await check(MAILGUN, right, MAILGUN.secrets)
    as_form = WebhookRequest(
        "POST", URL, {"content-type": FORM}, f"timestamp={stamp}&token=tok&signature={signature}".encode()
    )
    flat = replace(MAILGUN, auth=MAILGUN.auth.replace("signature.", ""))
    await check(flat, as_form, MAILGUN.secrets)
    for name in inner:
        other = json.dumps({"signature": {**inner, name: "1"}}).encode()
        with pytest.raises(InvalidSignature):
            await check(MAILGUN, changed(right, body=other), MAILGUN.secrets)


async def test_a_token_that_asks_for_another_algorithm_is_refused() -> None:
    (gong,) = [signer for signer in SIGNERS if signer.name == "gong"]
    header = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
    right = gong.request(NOW)
    claims = right.headers["authorization"].split(".")[1]
    for token in (f"{header}.{claims}.", f"{header}.{claims}.x"):
        with pytest.raises(InvalidSignature, match="not signed"):
            await check(gong, changed(right, headers={"authorization": f"Bearer {token}"}), gong.secrets)


async def test_twilio_may_have_signed_the_url_with_its_port() -> None:
    (twilio,) = [signer for signer in SIGNERS if signer.name == "twilio"]
    right = twilio.request(NOW)
    with_port = right.url.replace("example.com/", "example.com:443/")
    headers = {name.lower(): text for name, text in twilio.sign(twilio, 0, NOW, with_port, right.body).items()}
    await check(twilio, changed(right, headers={**right.headers, **headers}), twilio.secrets)


FETCHING = """
source: qwilr
title: Qwilr
about: A test.
auth: {scheme: confirm_by_get}
keep_ids_for: 5d
event_id: [event.id]
occurred_at: {path: event.at}
deal: {id: event.fetched.deal}
fetch: {what: "{event.page}"}
rules: [{when: {event.kind: accepted}, fact: note_added, fields: {text: "{event.fetched.text}"}}]
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('fetch: {what: "{event.page}"}\n', ""),
        ("event.fetched.deal", "event.deal"),
        ("event.fetched.text", "event.text"),
        ("event.fetched.text", "event.fetched.text || event.text"),
    ],
)
def test_of_a_source_that_proves_nothing_only_what_was_fetched_may_count(old: str, new: str) -> None:
    assert read_mapping(FETCHING, "qwilr.yaml").auth.must_fetch
    with pytest.raises(BadMapping, match=r"qwilr.yaml:\d+: .*(event\.fetched|fetch:)"):
        read_mapping(FETCHING.replace(old, new), "qwilr.yaml")
