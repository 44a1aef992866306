"""Signatures that vendors have published, or that were worked out with another program."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.kit.proof.hmac_signature import Hmac
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.scheme import Scheme
from integrations.kit.proof.twilio_form import TwilioForm

BODY = b'{"event":"demo","n":1}'
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
TWILIO_BODY = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
FORM = "application/x-www-form-urlencoded"


def hmac_of(**auth: object) -> Hmac:
    return Hmac.model_validate({"scheme": "hmac", **auth})


VECTORS: dict[str, tuple[Scheme, str, WebhookRequest, int]] = {
    "Slack's own": (
        hmac_of(
            header="X-Slack-Signature", prefix="v0=", signs="v0:{timestamp}:{body}",
            timestamp={"header": "X-Slack-Request-Timestamp"},
        ),
        "8f742231b10e8888abcd99yyyzzz85a5",
        WebhookRequest(
            "POST", "https://deals.example.com/webhooks/slack",
            {
                "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
                "x-slack-request-timestamp": "1531420618",
            },
            SLACK_BODY,
        ),
        1531420618,
    ),
    "Twilio's own": (
        TwilioForm(scheme="twilio_form"),
        "12345",
        WebhookRequest(
            "POST", "https://mycompany.com/myapp.php?foo=1&bar=2",
            {"content-type": FORM, "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}, TWILIO_BODY,
        ),
        0,
    ),
    "SHA-256 in hex": (
        hmac_of(header="X-S", signs="{body}"),
        "secret",
        WebhookRequest(
            "POST", "/", {"x-s": "dd634aab72e21cb5ab605b0076a45274fb233999ee81d0415be711889f3a6641"}, BODY
        ),
        0,
    ),
    "Salesloft's SHA-1": (
        hmac_of(header="X-S", signs="{body}", algorithm="sha1"),
        "secret",
        WebhookRequest("POST", "/", {"x-s": "3b7949147ef047513d956cf66d9c32d0c3633c8a"}, BODY),
        0,
    ),
    "PandaDoc's in the query": (
        hmac_of(query="signature", signs="{body}"),
        "secret",
        WebhookRequest(
            "POST", "/", {}, BODY, {"signature": "dd634aab72e21cb5ab605b0076a45274fb233999ee81d0415be711889f3a6641"}
        ),
        0,
    ),
    "Calendly's and Stripe's list": (
        hmac_of(
            header="X-S", parts={"signature": "v1"}, signs="{timestamp}.{body}", timestamp={"part": "t"}
        ),
        "secret",
        WebhookRequest(
            "POST", "/",
            {"x-s": "t=1700000000, v1=25c5db6f7fe7947efe4a7fa2892c298a8659f90cf58fb6baf46dafe4180f9316"}, BODY,
        ),
        1700000000,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
async def test_a_published_signature_passes_and_not_with_another_secret(name: str) -> None:
    auth, secret, request, at = VECTORS[name]
    now = datetime.fromtimestamp(at, UTC)
    await auth.verifier("test", [secret]).check(request, now)
    with pytest.raises(InvalidSignature):
        await auth.verifier("test", [secret + "x"]).check(request, now)


async def test_a_signature_whose_algorithm_nobody_knows_is_refused() -> None:
    scheme, secret, request, at = VECTORS["Twilio's own"]
    named = {**request.headers, "x-twilio-webhooks-signature-settings": "key=deals,algorithm=HMAC_MD5"}
    other = WebhookRequest(request.method, request.url, named, request.body)
    with pytest.raises(InvalidSignature, match="HMAC_SHA256"):
        await scheme.verifier("vector", [secret]).check(other, datetime.fromtimestamp(at, UTC))
