"""How people are told of their work, chosen over HTTP; and who may choose for whom."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dealwright.client.deal_client import DealClient
from dealwright.preferences import ChosenPreferences, Preferences
from store import api_keys, audit, preferences
from store.api_keys import NewKey
from store.database import Store
from tests.gateway.conftest import Api, StartGateway

BEN, MAX = "ben@us.example", "max@us.example"


@pytest.fixture
async def api(start_gateway: StartGateway, away: DealClient) -> Api:
    return await start_gateway(away, work_preferences=Preferences(timezone="Europe/Berlin"))


async def key_of(store: Store, **about: object) -> dict[str, str]:
    wanted = NewKey.model_validate({"name": "a-key", "scopes": ["read", "command"], **about})
    return {"X-API-Key": (await api_keys.create(store, wanted, by="the test", now=datetime.now(UTC))).key}


async def test_a_person_chooses_for_themselves_and_the_default_holds_for_the_rest(api: Api, store: Store) -> None:
    headers = await key_of(store, acts_for="Ben@us.example")
    chosen = {"delivery": "digest", "digest_at": "07:30"}
    answer = (await api.put(f"/v1/people/{BEN}/preferences", json=chosen, headers=headers)).json()
    assert answer["person"] == BEN
    assert answer["chosen"] == {**dict.fromkeys(("channel", "timezone", "holidays")), **chosen}
    assert answer["preferences"] == {
        "channel": "mail", "delivery": "digest", "digest_at": "07:30", "timezone": "Europe/Berlin", "holidays": None,
    }  # fmt: skip
    assert (await api.get(f"/v1/people/{BEN}/preferences", headers=headers)).json() == answer


async def test_a_person_chooses_for_nobody_else(api: Api, store: Store) -> None:
    headers = await key_of(store, acts_for=BEN)
    for call in (api.put(f"/v1/people/{MAX}/preferences", json={"channel": "none"}, headers=headers),
                 api.delete(f"/v1/people/{MAX}/preferences", headers=headers)):  # fmt: skip
        refused = await call
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:dealwright:problem:not-yours-to-say")
    assert await preferences.chosen_by(store, MAX) == ChosenPreferences()


@pytest.mark.parametrize(
    ("about", "status"),
    [
        ({"scopes": ["admin"]}, 200),
        ({"may_speak_for": ["@us.example"]}, 200),
        ({"may_speak_for": ["@eu.example"]}, 403),
    ],
)
async def test_a_service_chooses_for_whom_it_may_speak_and_an_administrator_for_anybody(
    api: Api, store: Store, about: dict[str, object], status: int
) -> None:
    headers = await key_of(store, **about)
    answer = await api.put(f"/v1/people/{MAX}/preferences", json={"channel": "slack"}, headers=headers)
    assert answer.status_code == status
    assert (await preferences.chosen_by(store, MAX)).channel == ("slack" if status == 200 else None)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"channel": "fax"}, "channel"),
        ({"digest_at": "8 o'clock"}, "Write hours and minutes, such as 08:00"),
        ({"digest_at": 8}, "Write hours and minutes, such as 08:00"),
        ({"timezone": "Europe/Berlyn"}, "Europe/Berlin"),
        ({"holidays": "Atlantis"}, "holidays"),
        ({"chanel": "mail"}, "chanel"),
    ],
)
async def test_what_cannot_be_chosen_is_refused_with_the_place(api: Api, wrong: dict[str, str], says: str) -> None:
    answer = await api.put(f"/v1/people/{BEN}/preferences", json=wrong)
    assert answer.status_code == 422
    assert says in answer.text


async def test_a_name_is_no_address(api: Api) -> None:
    answer = await api.get("/v1/people/Ben/preferences")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:dealwright:problem:no-address")


async def test_what_was_chosen_can_be_taken_back_and_the_audit_trail_has_both(api: Api, store: Store) -> None:
    await api.put(f"/v1/people/{BEN}/preferences", json={"channel": "none"})
    assert (await api.delete(f"/v1/people/{BEN}/preferences")).status_code == 204
    assert (await api.get(f"/v1/people/{BEN}/preferences")).json()["preferences"]["channel"] == "mail"
    rows = list[audit.AuditRow]()
    while len(rows) < 2:
        rows = await audit.recent(store)
    assert {(row.operation, row.target) for row in rows} == {
        ("choose_preferences", BEN), ("forget_preferences", BEN),
    }  # fmt: skip


async def test_a_person_says_that_they_are_away_and_back(api: Api, store: Store) -> None:
    headers, place = await key_of(store, acts_for=BEN), f"/v1/people/{BEN}/absence"
    said = (await api.put(place, json={"until": "2999-01-08T08:00:00Z"}, headers=headers)).json()
    assert (said["person"], said["until"], said["said_by"]) == (BEN, "2999-01-08T08:00:00Z", BEN)
    assert (await api.get(place, headers=headers)).json() == said
    assert (await api.delete(place, headers=headers)).status_code == 204
    assert (await api.get(place, headers=headers)).json() is None


async def test_nobody_says_that_another_person_is_away_or_back_before_they_leave(api: Api, store: Store) -> None:
    headers = await key_of(store, acts_for=BEN)
    for place, until, refused in (
        (f"/v1/people/{MAX}/absence", "2999-01-08T08:00:00Z", (403, "urn:dealwright:problem:not-yours-to-say")),
        (f"/v1/people/{BEN}/absence", "2020-01-08T08:00:00Z", (422, "urn:dealwright:problem:no-time-away")),
    ):
        answer = await api.put(place, json={"until": until}, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == refused
