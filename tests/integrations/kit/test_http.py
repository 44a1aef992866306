"""Calls to a tool's API, over real HTTP: every answer becomes a result or the right error."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from integrations.kit import http
from integrations.kit.answers import Answer, Duplicate, Operation, Quota, Rejected, Verdict, by_status
from integrations.kit.credentials import Authorization, FixedToken
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Unlimited
from tests.simulators.scripted_api import Says, ScriptedApi, scripted_api

TOKEN = "token-that-nobody-may-see"
CREATE = Operation(name="create a task", method="POST")
LIST = Operation(name="list tasks", empty=frozenset({404}))
SEARCH = Operation(name="search tasks", method="POST", reads=True)


class Counted(Unlimited):
    """A budget that remembers."""

    def __init__(self) -> None:
        self.spent: list[int] = []
        self.held: list[datetime] = []

    async def take(self, cost: int) -> None:
        self.spent.append(cost)

    async def hold_back(self, until: datetime) -> None:
        self.held.append(until)


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    async with scripted_api() as far:
        yield far


@pytest.fixture
def budget() -> Counted:
    return Counted()


@pytest.fixture
async def client(api: ScriptedApi, budget: Counted) -> AsyncIterator[ToolClient]:
    made = ToolClient("acme", api.url, FixedToken(SecretStr(TOKEN)), budget)
    yield made
    await made.close()


async def test_a_call_carries_its_credentials_and_brings_its_answer(
    client: ToolClient, api: ScriptedApi, budget: Counted
) -> None:
    api.will_say(Says(201, {"id": "9"}))
    answer = await client.call(CREATE, "/tasks", Payload(query={"v": 2}, json={"title": "Call Ada"}))
    assert answer.json() == {"id": "9"}
    (got,) = api.got
    assert (got.method, got.path, got.json()) == ("POST", "/tasks?v=2", {"title": "Call Ada"})
    assert got.headers["authorization"] == f"Bearer {TOKEN}"
    assert budget.spent == [1]


@pytest.mark.parametrize(
    ("operation", "says", "error"),
    [
        (CREATE, Says(400, {"message": "no such stage"}), Refused),
        (CREATE, Says(404), Refused),
        (CREATE, Says(302, headers={"Location": "https://elsewhere.example"}), Refused),
        (CREATE, Says(500), Unanswered),
        (CREATE, Says(502), Unanswered),
        (CREATE, Says(504), Unanswered),
        (CREATE, Says(503), NotHandedOver),
        (CREATE, Says(429), NotHandedOver),
        (CREATE, Says(401), NotHandedOver),
        (CREATE, Says(hang_up=True), Unanswered),
        (LIST, Says(500), NotHandedOver),
        (LIST, Says(hang_up=True), NotHandedOver),
        (SEARCH, Says(502), NotHandedOver),
    ],
)
async def test_an_answer_that_is_no_success_says_whether_the_call_was_taken(
    client: ToolClient, api: ScriptedApi, operation: Operation, says: Says, error: type[Exception]
) -> None:
    api.will_say(says)
    with pytest.raises(error, match=f"acme, {operation.name}"):
        await client.call(operation, "/tasks")
    assert len(api.got) == 1


async def test_nothing_is_nothing_and_no_mistake_where_a_thing_is_looked_up(
    client: ToolClient, api: ScriptedApi
) -> None:
    api.will_say(Says(404))
    assert (await client.call(LIST, "/tasks")).empty


async def test_whom_nobody_answers_the_call_was_not_handed_over() -> None:
    client = ToolClient("acme", "http://127.0.0.1:1", FixedToken(SecretStr(TOKEN)), Unlimited())
    with pytest.raises(NotHandedOver, match="acme cannot be reached"):
        await client.call(CREATE, "/tasks")


async def test_a_call_that_takes_too_long_may_have_been_taken(
    client: ToolClient, api: ScriptedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST_CALL", timedelta(seconds=0.1))
    api.will_say(Says(stall=True))
    with pytest.raises(Unanswered, match="it gave no answer"):
        await client.call(CREATE, "/tasks")


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_that_is_too_large_is_not_read_to_its_end(
    client: ToolClient, api: ScriptedApi, packed: bool
) -> None:
    large = b"0" * (9 * 1024 * 1024)
    says = Says(200, gzip.compress(large), {"Content-Encoding": "gzip"}) if packed else Says(200, large)
    api.will_say(says)
    with pytest.raises(NotHandedOver, match="it gave no answer"):
        await client.call(LIST, "/tasks")


async def test_a_quota_that_is_spent_holds_the_budget_back(
    client: ToolClient, api: ScriptedApi, budget: Counted
) -> None:
    api.will_say(Says(429, headers={"Retry-After": "90"}))
    before = datetime.now(UTC)
    with pytest.raises(NotHandedOver) as held:
        await client.call(CREATE, "/tasks")
    (until,) = budget.held
    assert timedelta(seconds=85) < until - before < timedelta(seconds=95)
    assert held.value.retry_after is not None
    assert held.value.retry_after > timedelta(seconds=80)


async def test_a_tool_may_say_it_in_its_own_way(api: ScriptedApi, budget: Counted) -> None:
    def classify(operation: Operation, answer: Answer) -> Verdict:
        match answer.json():
            case {"ok": False, "error": "ratelimited"}:
                return Quota()
            case {"ok": False, "error": "exists", "id": str(reference)}:
                return Duplicate(reference)
            case {"ok": False, "error": why}:
                return Rejected(str(why))
        return by_status(operation, answer)

    client = ToolClient("talk", api.url, FixedToken(SecretStr(TOKEN)), budget, classify)
    api.will_say(
        Says(200, {"ok": True}),
        Says(200, {"ok": False, "error": "exists", "id": "7"}),
        Says(200, {"ok": False, "error": "channel_not_found"}),
        Says(200, {"ok": False, "error": "ratelimited"}),
    )
    assert (await client.call(CREATE, "/post")).duplicate is None
    assert (await client.call(CREATE, "/post")).duplicate == "7"
    with pytest.raises(Refused, match="channel_not_found"):
        await client.call(CREATE, "/post")
    with pytest.raises(NotHandedOver):
        await client.call(CREATE, "/post")
    assert len(budget.held) == 1


async def test_an_answer_that_is_not_what_was_promised_says_so(client: ToolClient, api: ScriptedApi) -> None:
    api.will_say(Says(200, b"<html>maintenance</html>"))
    answer = await client.call(LIST, "/tasks")
    with pytest.raises(Unanswered, match="with what cannot be read"):
        answer.json()


# --- credentials ---------------------------------------------------------------------------------------------------


class Renewable:
    """Credentials with a token after the first one."""

    def __init__(self) -> None:
        self.generation = 0

    async def authorization(self) -> Authorization:
        return Authorization(headers={"Authorization": f"Bearer {self.generation}"}, generation=self.generation)

    async def renew(self, spent: Authorization) -> bool:
        self.generation = spent.generation + 1
        return True


async def test_a_token_that_is_not_taken_is_renewed_once_and_the_call_made_again(api: ScriptedApi) -> None:
    client = ToolClient("acme", api.url, Renewable(), Unlimited())
    api.will_say(Says(401), Says(201))
    await client.call(CREATE, "/tasks")
    assert [got.headers["authorization"] for got in api.got] == ["Bearer 0", "Bearer 1"]
    api.will_say(Says(401))
    with pytest.raises(NotHandedOver, match="it does not take the credentials"):
        await client.call(CREATE, "/tasks")
    assert len(api.got) == 4


async def test_no_error_repeats_a_secret(client: ToolClient, api: ScriptedApi) -> None:
    for status in (400, 401, 500):
        api.will_say(Says(status, {"message": f"what is {TOKEN}, and my-secret?"}))
        with pytest.raises((NotHandedOver, Refused, Unanswered)) as told:
            await client.call(CREATE, "/tasks", Payload(secrets=("my-secret",)))
        assert "what is" in str(told.value)
        assert TOKEN not in str(told.value)
        assert "my-secret" not in str(told.value)
    assert TOKEN not in repr(await FixedToken(SecretStr(TOKEN)).authorization())


async def test_credentials_go_to_no_other_host(client: ToolClient, api: ScriptedApi) -> None:
    assert (await client.call(LIST, f"{api.url}/tasks?page=2")).status == 200
    for url in ("http://127.0.0.1:1/tasks", "https://evil.example/tasks", api.url.replace("http://", "http://a@")):
        with pytest.raises(Refused, match="another host"):
            await client.call(LIST, url)
    assert len(api.got) == 1


async def test_whoever_gives_the_token_may_say_where_the_api_is(api: ScriptedApi) -> None:
    class Elsewhere(Renewable):
        async def authorization(self) -> Authorization:
            return Authorization(base_url=api.url)

    client = ToolClient("acme", "https://login.acme.example", Elsewhere(), Unlimited())
    assert (await client.call(LIST, "/tasks")).status == 200


@pytest.mark.parametrize(
    "id_", ["9?archived=true", "9#x", "../owners/1", "..%2Fowners", "%2e%2e/owners", "9\\x", "9 1", "é"]
)
async def test_an_id_that_leads_to_another_path_is_not_asked_for(
    client: ToolClient, api: ScriptedApi, id_: str
) -> None:
    with pytest.raises(Refused, match="nothing of such an id"):
        await client.call(LIST, f"/tasks/{id_}")
    assert api.got == []
