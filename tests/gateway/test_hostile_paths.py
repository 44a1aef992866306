"""Paths, encodings and bodies that try to be taken for something else: none of them opens anything without a key."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from http import HTTPStatus

import pytest

from tests.gateway.conftest import KEY, Api

PATHS = [
    "/v1/deals/..%2f..%2fv1%2fkeys", "/v1/deals/../keys", "/v1//keys", "//v1/keys", "/v1/keys/", "/V1/KEYS",
    "/v1/keys;a=b", "/v1/keys%00", "/v1/keys%0d%0aX-API-Key:%20x", "/v1/k%65ys", "/%76%31/keys", "/v1/keys%2f",
    "/healthz/../v1/keys", "/healthz%2f..%2fv1%2fkeys", "/webhooks/..%2fv1%2fkeys", "/webhooks/%2e%2e/v1/keys",
    "/unsubscribe/..%2f..%2fv1%2fkeys", "/static-offline-docs/..%2f..%2fpyproject.toml",
    "/static-offline-docs/../../../../etc/passwd", "/v1/keys?x=/healthz", "/v1/keys#/healthz", "/v1\\keys",
    "/v1/keys\u202e", "/v1/\uff4beys", "*", "http://127.0.0.1/v1/keys",
]  # fmt: skip


async def raw(api: Api, target: str, *lines: str, body: bytes = b"", method: str = "GET") -> int:
    """The status of a request whose target stands there as it is given."""
    reader, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
    head = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close", f"Content-Length: {len(body)}"]
    writer.write("\r\n".join([*head, *lines, "", ""]).encode() + body)
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_no_way_to_write_a_path_opens_what_needs_a_key(api: Api, path: str, method: str) -> None:
    status = await raw(api, path, method=method)
    assert 400 <= status < 500


@pytest.mark.parametrize(
    "override", ["X-HTTP-Method-Override: DELETE", "X-Original-URL: /healthz", "X-Rewrite-URL: /healthz"]
)
async def test_no_header_makes_a_request_another_one(api: Api, override: str) -> None:
    assert await raw(api, "/v1/keys", override) == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("path", ["/v1/deals", "/v1/deals/d/facts/demo_held", "/webhooks/hubspot"])
async def test_a_compressed_body_is_not_unpacked(api: Api, path: str) -> None:
    bomb = gzip.compress(b" " * 50 * 1024 * 1024)
    began = time.process_time()
    status = await raw(
        api, path, f"X-API-Key: {KEY}", "Content-Encoding: gzip", "Content-Type: application/json",
        body=bomb, method="POST",
    )  # fmt: skip
    assert 400 <= status < 500
    assert time.process_time() - began < 5


@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "utf-7"])
async def test_a_body_in_another_encoding_than_utf_8_is_refused(api: Api, charset: str) -> None:
    body = json.dumps({"note": "<script>"}).encode(charset)
    headers = {"Content-Type": f"application/json; charset={charset}"}
    answer = await api.post("/v1/deals/d/commands/resume", content=body, headers=headers)
    assert answer.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


@pytest.mark.parametrize(
    "deal_id",
    ["acme%0a", "acme%00", "ac%20me", "%C3%A4cme", "acme%E2%80%AE", "%EF%BC%A1cme", "-acme", "a" * 129, "..", "."],
)
async def test_an_id_that_only_looks_like_one_is_none(api: Api, deal_id: str) -> None:
    status = await raw(api, f"/v1/deals/{deal_id}/story", f"X-API-Key: {KEY}")
    assert status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)


@pytest.mark.parametrize(
    "lines", [("Transfer-Encoding: chunked",), ("Content-Length: 5",), ("Transfer-Encoding: identity, chunked",)]
)
async def test_a_body_with_two_lengths_is_no_second_request(api: Api, lines: tuple[str, ...]) -> None:
    body = b"0\r\n\r\nGET /v1/keys HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert await raw(api, "/v1/deals", *lines, body=body, method="POST") in (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
    )
