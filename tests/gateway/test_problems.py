"""Every error is a problem that says what to do."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.types import Message, Send

from dealwright.client.deal_client import DealClient
from gateway.api import create_app
from gateway.body_limit import MOST_LARGE_BODIES, BodyLimit
from gateway.http_server import GatewayPortTaken, running_server
from gateway.problems import MEDIA_TYPE
from store.database import Store
from tests.gateway.conftest import KEY, OPTIONS


def problem(answer: httpx2.Response, status: int) -> dict[str, object]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    told: dict[str, object] = answer.json()
    assert told["status"] == status
    assert {"type", "title"} <= set(told)
    return told


def errors(told: dict[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = told["errors"]
    return found


async def test_a_path_that_is_not_there(api: httpx2.AsyncClient) -> None:
    told = problem(await api.get("/v2/deals"), 404)
    assert "/docs" in str(told["detail"])


async def test_a_method_that_a_path_does_not_have(api: httpx2.AsyncClient) -> None:
    answer = await api.delete("/v1/deals")
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, POST"


async def test_a_deal_with_mistakes_names_each_with_its_remedy(api: httpx2.AsyncClient) -> None:
    deal = {"id": "no id", "titel": "x", "contacts": [{"id": "a", "name": "A", "timezone": "Europe/Berln"}]}
    told = problem(await api.post("/v1/deals", json={"deal": deal}), 422)
    assert told["errors"] == [
        {
            "pointer": "#/deal/titel",
            "detail": "'titel' is no field here.",
            "remedy": "Did you mean 'title'?",
            "code": "unknown_field",
        },
        {
            "pointer": "#/deal/contacts/0/timezone",
            "detail": "'Europe/Berln' is not an IANA time zone.",
            "remedy": "Write Europe/Berlin.",
        },
        {
            "pointer": "#/deal/id",
            "detail": "'no id' is no deal id.",
            "remedy": "Write 1 to 128 letters, digits, dots, underscores, colons or hyphens, "
            "the first a letter or digit.",
        },
    ]


async def test_a_fact_with_a_naive_time(api: httpx2.AsyncClient) -> None:
    told = problem(await api.post("/v1/deals/d/facts/meeting_booked", json={"starts_at": "2026-11-24T09:30:00"}), 422)
    assert told["errors"] == [
        {
            "pointer": "#/starts_at",
            "detail": "The time has no offset.",
            "remedy": "Write it with one, such as 2026-11-24T09:30:00+01:00.",
            "code": "wrong_type",
        }
    ]


async def test_a_fact_that_teaches_nonsense(api: httpx2.AsyncClient) -> None:
    fact = {"starts_on": "2026-02-01", "ends_on": "2026-01-01"}
    told = problem(await api.post("/v1/deals/d/facts/contract_signed", json=fact), 422)
    assert "before it starts" in str(told["errors"])


async def test_a_field_that_a_fact_does_not_have(api: httpx2.AsyncClient) -> None:
    told = problem(await api.post("/v1/deals/d/facts/demo_held", json={"nots": "x"}), 422)
    (error,) = errors(told)
    assert (error["pointer"], error["remedy"]) == ("#/nots", "Did you mean 'note'?")


async def test_a_parameter_is_named_and_no_place_in_the_body(api: httpx2.AsyncClient) -> None:
    (error,) = errors(problem(await api.get("/v1/deals?stage=%00"), 422))
    assert (error["parameter"], "pointer" in error) == ("stage", False)


async def test_a_pointer_names_a_field_whatever_characters_it_has(api: httpx2.AsyncClient) -> None:
    (error,) = errors(problem(await api.post("/v1/deals", json={"deal": {"id": "d", "a/b ~%": 1}}), 422))
    assert error["pointer"] == "#/deal/a~1b%20~0%25"


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("kind", "name", "near"), [("facts", "demo_hold", "demo_held"), ("commands", "puase", "pause")]
)
async def test_a_fact_or_command_that_nobody_knows(api: httpx2.AsyncClient, kind: str, name: str, near: str) -> None:
    told = problem(await api.post(f"/v1/deals/d/{kind}/{name}", json={}), 404)
    assert f"Did you mean {near!r}?" in str(told["detail"])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"deal"', b"[" * 50_000])
async def test_a_body_that_is_no_object(api: httpx2.AsyncClient, body: bytes) -> None:
    answer = await api.post("/v1/deals", content=body, headers={"Content-Type": "application/json"})
    problem(answer, answer.status_code)
    assert answer.status_code in (400, 422)


async def test_a_body_that_is_no_json_is_said_to_be_none_at_no_place_of_it(api: httpx2.AsyncClient) -> None:
    answer = await api.post("/v1/deals", content=b"{id: 1}", headers={"Content-Type": "application/json"})
    (error,) = errors(problem(answer, 422))
    assert (error["detail"], error["code"], "pointer" in error) == ("The body is no JSON.", "syntax", False)


async def test_a_body_that_is_no_text(api: httpx2.AsyncClient) -> None:
    problem(await api.post("/v1/deals", content=b"\xff\xfe", headers={"Content-Type": "application/json"}), 422)


async def test_a_text_that_is_half_a_character(api: httpx2.AsyncClient) -> None:
    body = b'{"deal": {"id": "d", "\\ud800": 1, "title": "\\udfff"}}'
    problem(await api.post("/v1/deals", content=body, headers={"Content-Type": "application/json"}), 422)


@pytest.mark.parametrize("half", ["title", "name"])
async def test_half_a_character_is_told_where_it_stands(api: httpx2.AsyncClient, half: str) -> None:
    deal = {"id": "d", "title": "t", "contacts": [{"id": "a", "name": "n"}]}
    body = json.dumps({"deal": deal}).replace('"t"' if half == "title" else '"n"', '"\\ud83d"').encode()
    (error,) = errors(problem(await api.post("/v1/deals", content=body, headers=JSON), 422))
    assert error["pointer"] == ("#/deal/title" if half == "title" else "#/deal/contacts/0/name")
    assert str(error["detail"]).startswith("The text has half of a character")


async def test_half_a_character_in_a_fact_is_told_where_it_stands(api: httpx2.AsyncClient) -> None:
    body = b'{"id": "n1", "text": "\\ud83d"}'
    (error,) = errors(problem(await api.post("/v1/deals/d/facts/note_added", content=body, headers=JSON), 422))
    assert error["pointer"] == "#/text"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The request has no body."),
        (b"[" * 50_000, "The body is nested too deep."),
        (b'{"a":' * 50_000, "The body is nested too deep."),
        ('{"deal": {"id": "d", "title": "\xe4"}}'.encode("latin-1"), "The body is no text in UTF-8."),
        (gzip.compress(b'{"deal": {"id": "d"}}', mtime=0), "The body is no text in UTF-8."),
        (b'{"deal": {"id": "d", "score": ' + b"9" * 5000 + b"}}", "A number in the body has too many digits."),
        (b'{"deal": {"id": "d", "score": NaN}}', "NaN is no number in JSON."),
        (b'{"deal": {"id": "d", "score": -Infinity}}', "-Infinity is no number in JSON."),
        (b'{"deal": {"id": "d", "id": "e"}}', "'id' stands more than once in one object."),
    ],
)
@pytest.mark.parametrize("path", ["/v1/deals", "/v1/deals/d/facts/demo_held", "/v1/deals/d/commands/pause"])
async def test_a_body_that_cannot_be_read_is_told_why(
    api: httpx2.AsyncClient, body: bytes, said: str, path: str
) -> None:
    (error,) = errors(problem(await api.post(path, content=body, headers=JSON), 422))
    assert error["detail"] == said
    assert error["remedy"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/deals/-d", "Write 1 to 128 letters, digits, dots, underscores, colons or hyphens"),
        ("/v1/subscriptions/x", "Write the id as the list of subscriptions has it."),
        ("/v1/intake?state=nix", "state: This is not known here. Write 'waiting', 'dispatched'"),
    ],
)
async def test_what_may_be_written_is_told_in_words_and_not_by_a_pattern(
    api: httpx2.AsyncClient, path: str, said: str
) -> None:
    told = str(problem(await api.get(path), 422)["detail"])
    assert said in told
    assert "^" not in told


@pytest.mark.parametrize("deal_id", ["-d", "d%20e", "%00", "d" * 129])
async def test_a_path_with_a_bad_deal_id(api: httpx2.AsyncClient, deal_id: str) -> None:
    problem(await api.get(f"/v1/deals/{deal_id}"), 422)


async def test_temporal_away(api: httpx2.AsyncClient) -> None:
    answer = await api.post("/v1/deals/d/facts/demo_held", json={"id": "f1"})
    told = problem(answer, 503)
    assert (told["attempt"], answer.headers["retry-after"]) == ("f1", "5")
    assert "try again" in str(told["detail"])


@pytest.mark.parametrize("header", [{}, {"Content-Type": "text/plain"}])
async def test_a_body_without_its_header_is_told_which_one_to_send(
    api: httpx2.AsyncClient, header: dict[str, str]
) -> None:
    for path in ("/v1/deals", "/v1/deals/d/facts/demo_held", "/v1/deals/d/commands/pause"):
        told = problem(await api.post(path, content=b'{"deal": {"id": "d"}}', headers=header), 422)
        assert "Content-Type: application/json" in str(told["detail"])


@pytest.mark.parametrize("odd", ["%00", "%0A", "%E2%80%AE", "%1b", "a%00b"])
@pytest.mark.parametrize("place", ["/v1/deals?stage={}", "/v1/deals?owner_role={}", "/v1/intake?source={}"])
async def test_an_invisible_character_in_a_query_is_a_mistake(api: httpx2.AsyncClient, place: str, odd: str) -> None:
    told = problem(await api.get(place.format(odd)), 422)
    assert "invisible character" in str(told["detail"])


@pytest.mark.parametrize("path", ["/v1/links/hubspot/%00", "/v1/links/hub%00spot/1-2"])
async def test_an_invisible_character_in_a_path_is_a_mistake(api: httpx2.AsyncClient, path: str) -> None:
    problem(await api.put(path, json={"deal_id": "d"}), 422)


@pytest.mark.parametrize(
    "path",
    ["/v1/deals/", "/v1/deals/d/", "/v1/intake/", "/healthz/", "/webhooks/standard/", "/unsubscribe/t/", "/docs/"],
)
async def test_a_slash_at_the_end_is_another_path_and_no_way_to_somebody_elses_host(
    api: httpx2.AsyncClient, path: str
) -> None:
    answer = await api.get(path, headers={"Host": "evil.example"}, follow_redirects=False)
    assert (answer.status_code in (404, 405), "location" in answer.headers) == (True, False)


async def test_what_is_wrong_inside_a_server_or_database_is_not_told(api: httpx2.AsyncClient) -> None:
    for answer in (await api.get("/v1/deals"), await api.get("/readyz")):
        detail = str(problem(answer, 503)["detail"])
        assert "Temporal did not answer: no connection to the server" in detail
        assert not any(inside in detail for inside in ("tonic", "tcp", "127.0.0.1", "os error"))


async def test_a_note_of_one_megabyte(api: httpx2.AsyncClient) -> None:
    problem(await api.post("/v1/deals/d/facts/note_added", json={"text": "x" * 1_000_000}), 422)
    told = problem(await api.post("/v1/deals/d/facts/note_added", json={"text": "x" * 1_100_000}), 413)
    assert "1048576 bytes" in str(told["detail"])


async def test_a_body_of_unknown_length_is_bounded_as_well(api: httpx2.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    problem(await api.post("/v1/deals", content=chunks()), 413)


async def test_a_body_without_an_end_is_cut_off(api: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536

    try:
        answer = await api.post("/v1/deals", content=endless())
    except (httpx2.ReadError, httpx2.WriteError):
        return  # the connection was closed in mid-sentence
    problem(answer, 413)


async def test_a_body_that_never_arrives_is_not_waited_for() -> None:
    async def never(*_: object) -> None:
        raise AssertionError("the app must not be asked")

    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await BodyLimit(never, longest=0.05)(scope, receive, send)  # type: ignore[arg-type] # plain dicts are messages
    assert sent[0]["status"] == 408


async def test_large_bodies_are_held_for_a_few_senders_at_once() -> None:
    going_on = asyncio.Event()
    answered: list[tuple[int, object]] = []

    async def app(_scope: object, _receive: object, send: Send) -> None:
        await going_on.wait()
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    limit = BodyLimit(app, largest=10, larger={"/mail": 100})

    async def post(path: str, size: int) -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": b"x" * size, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.append((message["status"], dict(message["headers"]).get(b"retry-after")))

        await limit({"type": "http", "method": "POST", "path": path, "headers": []}, receive, send)

    holding = [asyncio.create_task(post("/mail", 50)) for _ in range(MOST_LARGE_BODIES)]
    await asyncio.sleep(0)
    await post("/mail", 50)
    assert answered == [(503, b"5")]
    small = asyncio.create_task(post("/mail", 10))
    await asyncio.sleep(0)
    going_on.set()
    await asyncio.gather(*holding, small)
    await post("/mail", 50)
    assert [status for status, _ in answered[1:]] == [202] * (MOST_LARGE_BODIES + 2)


async def test_the_database_away(away: DealClient) -> None:
    nowhere = Store.open("postgresql://127.0.0.1:1/deals")
    async with (
        running_server(create_app(OPTIONS, away, nowhere), "127.0.0.1", 0) as address,
        httpx2.AsyncClient(base_url=address, headers={"X-API-Key": KEY}, timeout=120) as api,
    ):
        told = problem(await api.get("/v1/intake"), 503)
    assert "The database does not answer" in str(told["detail"])


async def test_a_fault_of_ours_is_a_problem_that_tells_nothing_of_our_insides(store: Store, away: DealClient) -> None:
    app = create_app(OPTIONS, away, store)

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("a secret detail")

    async with running_server(app, "127.0.0.1", 0) as address, httpx2.AsyncClient(base_url=address, timeout=60) as api:
        answer = await api.get("/fault")
    problem(answer, 500)
    assert "secret" not in answer.text


async def test_a_fault_of_ours_is_logged_without_what_came_in(
    store: Store, away: DealClient, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(OPTIONS, away, store)

    @app.get("/fault/{name}")
    async def fault(name: str) -> None:
        raise ValueError(f"{name} is personal")

    async with running_server(app, "127.0.0.1", 0) as address, httpx2.AsyncClient(base_url=address, timeout=60) as api:
        await api.get("/fault/ana?also=personal")
    told = [record.getMessage() for record in caplog.records if record.name.startswith(("gateway", "uvicorn"))]
    assert [line for line in told if "failed: ValueError at" in line]
    assert not [line for line in told if "personal" in line or "ana" in line]


async def test_healthy_and_ready_are_two_things(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/healthz")).json() == {"status": "ok"}
    assert "Temporal" in str(problem(await api.get("/readyz"), 503)["detail"])


async def test_a_port_that_is_taken_is_named(api: httpx2.AsyncClient) -> None:
    port = api.base_url.port
    assert port
    with pytest.raises(GatewayPortTaken, match=f"127.0.0.1:{port} .*DEALWRIGHT_GATEWAY_PORT.*--gateway-port"):
        async with running_server(None, "127.0.0.1", port):  # type: ignore[arg-type] # it never comes to serve anything
            pass
