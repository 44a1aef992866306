"""Where events may be sent to."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import pytest

from gateway.events.sending import EventSender
from gateway.events.targets import Targets, UnsafeTarget
from tests.gateway.events.conftest import Receiver

PUBLIC = Targets()
LOOPBACK = Targets((ip_network("127.0.0.0/8"),))


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def found(host: str, port: int, *_: object, **__: object) -> list[object]:
        return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com/hooks",
        "ftp://crm.example.com",
        "crm.example.com",
        "https://",
        "https://user:word@crm.example.com/",
        "https://crm.example.com/#part",
        "https://crm.example.com/" + "x" * 2000,
    ],
)
def test_a_url_that_is_none_for_events_is_refused(url: str) -> None:
    with pytest.raises(UnsafeTarget):
        PUBLIC.read(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
        "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "fec0::1", "fe80::1%eth0",
        "3fff::1", "2001:1::1", "192.0.0.9", "192.88.99.1",
    ],
)  # fmt: skip
async def test_an_address_that_is_not_public_is_refused_by_name_and_by_number(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = f"[{address}]" if ":" in address else address
    with pytest.raises(UnsafeTarget):
        PUBLIC.read(f"https://{written}/hooks")
    resolving(monkeypatch, address)
    with pytest.raises(UnsafeTarget, match="DEALWRIGHT_EVENT_NETWORKS"):
        await PUBLIC.resolve(PUBLIC.read("https://crm.example.com/hooks"))


@pytest.mark.parametrize("written", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "localhost"])
def test_an_address_in_disguise_is_refused_when_it_is_given(written: str) -> None:
    with pytest.raises(UnsafeTarget, match=r"leads into a network that is not public \(127\.0\.0\.1\)|no URL"):
        PUBLIC.read(f"https://{written}/hooks")


def test_localhost_is_let_be_where_one_of_its_addresses_is() -> None:
    for network in ("127.0.0.0/8", "::1/128"):
        assert Targets((ip_network(network),)).read("https://localhost/hooks").host == "localhost"


@pytest.mark.parametrize("written", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "localhost"])
async def test_an_address_in_disguise_is_refused_once_it_is_resolved(written: str) -> None:
    with pytest.raises((UnsafeTarget, OSError)):
        await PUBLIC.resolve(PUBLIC.read(f"https://{written}/hooks"))


async def test_a_name_with_one_address_that_is_not_public_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.216.34", "10.0.0.8")
    with pytest.raises(UnsafeTarget):
        await PUBLIC.resolve(PUBLIC.read("https://crm.example.com/hooks"))


async def test_a_public_name_leads_to_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.216.34", "2606:2800:220:1::1")
    found = await PUBLIC.resolve(PUBLIC.read("https://crm.example.com/hooks"))
    assert found == [ip_address("93.184.216.34"), ip_address("2606:2800:220:1::1")]


async def test_a_network_that_is_allowed_is_reached_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Targets((ip_network("10.1.0.0/16"),))
    resolving(monkeypatch, "10.1.2.3")
    assert await inside.resolve(inside.read("https://crm.internal/hooks")) == [ip_address("10.1.2.3")]
    with pytest.raises(UnsafeTarget, match="https"):
        inside.read("http://10.1.2.3/hooks")


async def test_plain_http_goes_to_loopback_where_that_is_allowed_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await LOOPBACK.resolve(LOOPBACK.read("http://127.0.0.1:9/hooks")) == [ip_address("127.0.0.1")]
    resolving(monkeypatch, "93.184.216.34")
    with pytest.raises(UnsafeTarget):
        await LOOPBACK.resolve(LOOPBACK.read("http://localhost/hooks"))
    with pytest.raises(UnsafeTarget):
        LOOPBACK.read("http://crm.example.com/hooks")


async def test_the_connection_goes_to_the_address_that_was_checked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that resolves to something else the next time it is asked for is not asked for again."""
    port = receiver.url.rpartition(":")[2].partition("/")[0]
    asked = list[str]()

    def found(host: str, port: int, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(0, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(asked) == 1 else "10.0.0.8", port))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    async with EventSender.open(LOOPBACK) as sender:
        target = LOOPBACK.read(f"http://localhost:{port}/nothing-here")
        addresses = await LOOPBACK.resolve(target)
        sent = await sender._try_each(target, addresses, {}, b"", datetime.now(UTC))
    assert (sent.status, asked) == (404, ["localhost"])
