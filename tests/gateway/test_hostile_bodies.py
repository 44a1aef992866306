"""What a stranger sends decides neither how long an answer takes, nor how long it is."""

from __future__ import annotations

import json
import time

import pytest

from tests.gateway.conftest import Api

LONGEST_TIME = 2.0
"""Seconds of processor time, of the gateway in this process: other tests beside this one do not lengthen it."""
LARGEST_ANSWER = 64 * 1024
MANY = 66_000


def deal(**parts: object) -> bytes:
    return json.dumps({"deal": {"id": "d", **parts}}, separators=(",", ":")).encode()


def numbered(count: int, value: object) -> dict[str, object]:
    return {f"k{number}": value for number in range(count)}


CONTACTS_OF_BAD_ZONES = [{"id": str(n), "name": "A", "timezone": f"Europe/Berl{n}"} for n in range(200)]
DEALS = {
    "empty contacts": deal(contacts=[{}] * MANY),
    "contacts of one id": deal(contacts=[{"id": "a", "name": "A"}] * 30_000),
    "empty owners": deal(owners=numbered(MANY, {})),
    "fields that nobody knows": deal(**numbered(MANY, 1)),
    "fields that nobody knows, in many objects": deal(contacts=[numbered(40, 1)] * 200),
    "notes": deal(notes=numbered(MANY, "x")),
    "technologies that are no texts": deal(account={"id": "a", "technologies": [1] * 200_000}),
    "zones that are none": deal(contacts=CONTACTS_OF_BAD_ZONES),
    "a field with an endless name": deal(**{"k" * 1_000_000: 1}),
    "an endless title": deal(title="x" * 1_000_000),
    "an endless address": deal(contacts=[{"id": "a", "name": "A", "email": "a@" + "a." * 500_000 + "!"}]),
    "an endless day": deal(contract={"starts_on": "9" * 1_000_000, "ends_on": "2026-01-01"}),
    "an endless number": deal(amount={"amount": "-" + "9" * 1_000_000, "currency": "EUR"}),
    "a number with a giant exponent": deal(amount={"amount": "1e999999", "currency": "EUR"}),
    "a whole number of thousands of digits": deal(account={"id": "a", "employees": "9" * 4200}),
    "objects within objects": b'{"deal":' + b'{"a":' * 500 + b"1" + b"}" * 501,
    "lists within lists": b"[" * 500_000,
    "a field a hundred thousand times": b'{"deal":{' + b",".join([b'"titel":"d"'] * 80_000) + b"}}",
}
NEWS = {
    "facts/contacts_learned": {"contacts": [{}] * MANY},
    "facts/notes_learned": {"notes": numbered(MANY, 1)},
    "facts/crm_properties_changed": {"properties": numbered(MANY, 1)},
    "facts/discount_requested": {"percent": "1e-999999"},
    "facts/usage_reported": {"health": "9" * 1_000_000},
    "commands/amend": {"by": "Ana", "why": "x", "known": {"contacts": [{}] * MANY}},
    "commands/complete_task": {"by": "Ana", "task": "t", "notes": numbered(MANY, 1)},
    "commands/decide_approval": {"by": "Ana", "approval": "a", "answer": "approve", "terms": numbered(MANY, [])},
}


async def refused(api: Api, path: str, body: bytes) -> dict[str, object]:
    began = time.process_time()
    answer = await api.post(path, content=body, headers={"Content-Type": "application/json"})
    assert time.process_time() - began < LONGEST_TIME
    assert answer.status_code in (400, 422)
    assert len(answer.content) < LARGEST_ANSWER
    problem: dict[str, object] = answer.json()
    return problem


@pytest.mark.parametrize("body", DEALS.values(), ids=DEALS)
async def test_a_hostile_deal_is_refused_soon_and_briefly(api: Api, body: bytes) -> None:
    await refused(api, "/v1/deals", body)


@pytest.mark.parametrize("path", NEWS)
async def test_hostile_news_are_refused_soon_and_briefly(api: Api, path: str) -> None:
    await refused(api, f"/v1/deals/d/{path}", json.dumps(NEWS[path], separators=(",", ":")).encode())


KEYS = {
    "many scopes": {"name": "a", "scopes": list(range(100_000))},
    "many people": {"name": "a", "scopes": ["read"], "may_speak_for": ["@x"] * 150_000},
    "an endless name": {"name": "a" * 1_000_000, "scopes": ["read"]},
    "many fields": numbered(MANY, 1),
}


@pytest.mark.parametrize("body", KEYS.values(), ids=KEYS)
async def test_a_hostile_key_is_refused_soon_and_briefly(api: Api, body: object) -> None:
    await refused(api, "/v1/keys", json.dumps(body, separators=(",", ":")).encode())
    await refused(api, "/v1/suppression/removals", json.dumps(body, separators=(",", ":")).encode())


async def test_of_many_mistakes_fifty_are_named_and_the_others_counted(api: Api) -> None:
    problem = await refused(api, "/v1/deals", deal(contacts=[{}] * 60))
    errors = problem["errors"]
    assert isinstance(errors, list)
    assert (len(errors), problem["more"]) == (50, 70)
    assert str(problem["detail"]).endswith(" And 70 more.")


async def test_as_many_mistakes_as_are_named_have_no_others(api: Api) -> None:
    problem = await refused(api, "/v1/deals", deal(contacts=[{}] * 25))
    assert isinstance(problem["errors"], list)
    assert (len(problem["errors"]), "more" in problem) == (50, False)
