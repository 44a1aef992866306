"""What happens in Salesloft, as webhooks and lists tell it: once, of the right deal, and not what we did ourselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue

from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.proof.request import InvalidSignature
from integrations.kit.proof.schemes import verifier_for
from integrations.salesloft.enrolments import SalesloftEngagement
from store import mirror, suppression
from store.database import Store
from tests.activities.conftest import Worker
from tests.dealwright.story import Story, of_stage
from tests.integrations.google_calendar.calendars import event
from tests.integrations.google_calendar.calendars import told as told_by_calendar
from tests.integrations.salesloft.team import (
    MAPPING,
    Team,
    an_address,
    an_enrolment,
    facts,
    its_end,
    request,
    until_settled,
)

SAMPLES = Path(__file__).parent / "samples"
TOKEN = "local-salesloft-callback-token"
WISHES = ["opted_out", "channel_refused", "channel_refused"]
"""What is told of somebody who is not to be contacted at all: by mail, by phone, by text message."""
SOON = (datetime.now(UTC) + timedelta(days=2)).isoformat()
LATER = (datetime.now(UTC) + timedelta(days=3)).isoformat()


async def test_a_webhook_proves_where_it_comes_from_by_the_sha1_hash_of_its_body() -> None:
    verifier = verifier_for("salesloft", MAPPING.auth, ["secret"])
    body, now, header = b'{"event":"demo","n":1}', datetime.now(UTC), "x-salesloft-signature"
    right = "3b7949147ef047513d956cf66d9c32d0c3633c8a"
    await verifier.check(request({header: right}, body), now)
    for wrong in (request({}, body), request({header: right[::-1]}, body), request({header: right}, body + b" ")):
        with pytest.raises(InvalidSignature):
            await verifier.check(wrong, now)


async def test_the_simulators_webhooks_are_proven_and_have_their_token_in_the_body(team: Team) -> None:
    verifier = verifier_for("salesloft", MAPPING.auth, [TOKEN])
    address = await team.add(an_address())
    await team.do("opt_out", address)

    (sent,) = await team.requests()

    await verifier.check(sent, datetime.now(UTC))
    assert json.loads(sent.body)["callback_token"] == TOKEN


async def test_of_a_body_the_callback_token_is_kept_nowhere(team: Team) -> None:
    address = await team.add(an_address())
    await team.is_known_to(address, "acme-1")
    await team.do("opt_out", address)

    told = await team.told()

    assert facts(told) == WISHES
    assert not any(TOKEN in one.model_dump_json() for one in told)


async def test_status_sent_together_with_bounced_is_a_bounce(team: Team) -> None:
    body = json.loads((SAMPLES / "email_bounced.json").read_text())
    body["sent_at"] = body["updated_at"] = datetime.now(UTC).isoformat()
    await team.is_known_to("ana@buyer.example", "acme-1")
    sent = request({"x-salesloft-event": "email_updated"}, json.dumps(body).encode())

    (event,) = (await team.webhooks(sent, team.source, team.store)).kept

    assert (event.fact, event.deal_ref, event.payload["address"]) == ("email_bounced", "acme-1", "ana@buyer.example")
    assert event.payload["kind"] == "hard"


async def test_events_that_are_not_followed_say_nothing(team: Team) -> None:
    body = (SAMPLES / "task_updated.json").read_bytes()
    for name in ("task_updated", "account_created", ""):
        headers = {"x-salesloft-event": name} if name else {"x-salesloft-event": "unknown"}
        assert (await team.webhooks(request(headers, body), team.source, team.store)).kept == ()


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": "x"}', b'{"id": 1, "updated_at": "yesterday"}', b"\xff"])
async def test_what_is_none_of_salesloft_is_refused_and_not_repeated(team: Team, body: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        await team.webhooks(request({"x-salesloft-event": "email_updated"}, body), team.source, team.store)
    assert "yesterday" not in str(refused.value)


async def test_a_contact_goes_on_and_finishes(team: Team, cadences: SalesloftEngagement, worker: Worker) -> None:
    address = await team.add(an_address())
    effect = an_enrolment(address)
    await until_settled(worker, cadences, effect)
    await team.do("advance", address)
    await team.do("finish", address)

    told = await team.told()

    assert [(one.fact, one.payload.get("step"), one.payload.get("how")) for one in told] == [
        ("enrolment_advanced", "421", None), ("enrolment_advanced", "422", None),
        ("enrolment_ended", None, "finished"),
    ]  # fmt: skip
    assert {one.deal_ref for one in told} == {"acme-1"}
    assert {one.payload["enrolment"] for one in told} == {effect.enrolment}


async def test_a_reply_is_told_with_the_end_of_the_enrolment_and_a_look_at_the_mail_tells_nothing_more(
    team: Team, cadences: SalesloftEngagement, worker: Worker
) -> None:
    address = await team.add(an_address())
    await until_settled(worker, cadences, an_enrolment(address))
    await team.do("send", address)
    await team.told()
    await team.do("reply", address)
    await team.do("view", address)

    told = await team.told()

    assert [(one.fact, one.payload.get("how")) for one in told] == [
        ("reply_received", None), ("enrolment_ended", "replied"),
    ]  # fmt: skip
    assert (told[0].payload["address"], told[0].deal_ref) == (address, "acme-1")


async def test_a_bounce_is_told_of_the_deal_that_enrolled_them(
    team: Team, cadences: SalesloftEngagement, worker: Worker
) -> None:
    address = await team.add(an_address())
    await until_settled(worker, cadences, an_enrolment(address))
    await team.do("send", address)
    await team.do("bounce", address)

    assert facts(await team.told())[-2:] == ["email_bounced", "enrolment_ended"]


async def test_an_old_mail_of_before_the_connection_tells_no_reply(team: Team) -> None:
    address = await team.add(an_address())
    await team.begin_to_read()
    await team.do("send", address, by_hand=True, days_ago=30)
    await team.do("reply", address)

    assert await team.told() == []


async def test_an_answer_to_a_mail_of_an_earlier_stay_in_the_cadence_is_not_told_of_the_deal_that_enrols_them_now(
    team: Team, cadences: SalesloftEngagement, worker: Worker
) -> None:
    address = await team.add(an_address())
    await team.begin_to_read()
    await team.do("send", address, days_ago=20)
    await team.do("reply", address)
    await until_settled(worker, cadences, an_enrolment(address))
    await team.told()
    await team.do("view", address)

    assert await team.told() == []


async def test_an_opt_out_is_told_to_each_deal_that_knows_the_address_and_holds_for_all(
    team: Team, store: Store
) -> None:
    address = await team.add(an_address())
    await team.is_known_to(address, "acme-1", "other-2")
    await team.do("opt_out", address)

    told = await team.told()

    for deal in ("acme-1", "other-2"):
        assert [one.fact for one in told if one.deal_ref == deal] == WISHES
    assert await suppression.suppressed(store, address) is not None


async def test_an_opt_out_is_told_once_however_often_the_person_changes_after_it(team: Team) -> None:
    address = await team.add(an_address())
    await team.is_known_to(address, "acme-1")
    await team.do("opt_out", address)
    assert facts(await team.told()) == WISHES

    await team.do("restrict", address, channel="call")  # which is so already

    assert await team.told() == []


async def test_a_channel_that_a_person_refuses_is_told(team: Team) -> None:
    address = await team.add(an_address())
    await team.is_known_to(address, "acme-1")
    await team.do("restrict", address, channel="text")

    (event,) = await team.told()
    assert (event.fact, event.payload["channel"], event.payload["address"]) == ("channel_refused", "sms", address)


async def test_what_we_did_ourselves_does_not_come_back(
    team: Team, cadences: SalesloftEngagement, worker: Worker
) -> None:
    address = await team.add(an_address())
    effect = an_enrolment(address)
    enrolled = await until_settled(worker, cadences, effect)
    await team.told()
    await until_settled(worker, cadences, its_end(effect), enrolled.reference)

    assert await team.told() == []


async def test_memberships_that_others_began_are_nobodys_news(team: Team) -> None:
    address = await team.add(an_address())
    await team.is_known_to(address, "acme-1")
    await team.do("enrol", address)
    await team.do("advance", address)

    assert await team.told() == []


@pytest.mark.parametrize(
    ("disposition", "result"),
    [("Connected", "connected"), ("Left Voicemail", "voicemail"), ("No Answer", "no_answer"), ("Busy", "no_answer")],
)
async def test_a_call_is_told_with_how_it_went(team: Team, disposition: str, result: str) -> None:
    address = await team.add(an_address())
    await team.do("call", address, disposition=disposition, to="+4930123456")

    (event,) = await team.told()

    assert (event.fact, event.payload["result"]) == ("call_logged", result)
    assert event.payload["address"] == "+4930123456"
    assert "+4930123456" in event.contacts


@pytest.mark.parametrize("to", ["", "front desk", "555 0100"])
async def test_a_call_to_what_is_no_number_is_told_without_it(team: Team, to: str) -> None:
    address = await team.add(an_address())
    await team.do("call", address, disposition="Connected", to=to)

    (event,) = await team.told()
    assert (event.fact, event.payload.get("address")) == ("call_logged", None)


async def test_a_call_of_which_nobody_says_how_it_went_is_not_told(team: Team) -> None:
    address = await team.add(an_address())
    await team.do("call", address, disposition="Gatekeeper")
    await team.do("call", address)

    assert await team.told() == []


async def test_a_meeting_is_booked_moved_there_and_back_missed_and_called_off(team: Team) -> None:
    address = await team.add(an_address())
    await team.do("book", address, starts_at=SOON)
    assert facts(await team.told()) == ["meeting_booked"]
    await team.do("move", address, starts_at=LATER)
    assert facts(await team.told()) == ["meeting_booked"]
    await team.do("move", address, starts_at=SOON)
    (back,) = await team.told()
    assert datetime.fromisoformat(str(back.payload["starts_at"])) == datetime.fromisoformat(SOON)
    await team.do("miss", address)
    assert facts(await team.told()) == ["meeting_missed"]
    await team.do("cancel", address)
    (cancelled,) = await team.told()
    assert (cancelled.fact, cancelled.contacts) == ("meeting_cancelled", (address,))


async def test_webhooks_that_come_twice_and_out_of_order_tell_a_meeting_as_it_is(team: Team) -> None:
    address = await team.add(an_address())
    await team.do("book", address, starts_at=SOON)
    await team.do("move", address, starts_at=LATER)
    first, second = await team.requests()

    kept = [
        one.payload["starts_at"]
        for sent in (second, first, second, first)
        for one in (await team.webhooks(sent, team.source, team.store)).kept
    ]

    assert [datetime.fromisoformat(str(one)) for one in kept] == [datetime.fromisoformat(LATER)]


async def test_a_meeting_that_google_calendar_tells_of_as_well_is_one_meeting(
    team: Team,
) -> None:
    address = await team.add(an_address())
    await team.do("book", address, starts_at=SOON)
    (booked,) = await team.told()
    name = str(booked.payload["meeting"])
    (in_calendar,) = told_by_calendar(event(id=name, iCalUID=f"{name}@google.com", start=SOON))
    story = Story(of_stage("- {name: prepare, on: meeting_booked, do: [{task: prepare}]}"))

    for one in (booked, in_calendar):
        story.tell("meeting_booked", meeting=one.payload["meeting"], starts_at=one.payload["starts_at"])

    assert len(story.state.meetings) == 1
    assert list(story.tasks).count("prepare") == 1


async def test_a_meeting_that_was_told_under_its_number_keeps_it(team: Team) -> None:
    address = await team.add(an_address())
    await team.do("book", address, starts_at=SOON)
    (request,) = await team.requests()
    number = json.loads(request.body)["id"]
    values: dict[str, JsonValue] = {"starts_at": LATER, "cancelled": False, "missed": False}
    await mirror.note(team.store, "salesloft", f"meeting:{number}", values, datetime(2026, 1, 1, tzinfo=UTC))

    (moved,) = (await team.webhooks(request, team.source, team.store)).kept

    assert moved.payload["meeting"] == str(number)
