"""Wrong keys are slowed, and right ones are not."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx2
import pytest

from dealwright.client.deal_client import DealClient
from gateway import rate_limits
from gateway.identities.failed_attempts import FailedAttempts, network_of
from store import api_keys
from store.api_keys import NewKey, Scope
from store.database import Store
from tests.gateway.conftest import StartGateway

PATH = "/v1/intake"
OWN = "a-key-of-the-tests-1"


def by_proxy(key: str, address: str) -> dict[str, str]:
    """A request as the proxy on this machine passes it on."""
    return {"X-API-Key": key, "X-Forwarded-For": address}


async def test_wrong_keys_from_one_address_have_to_wait_and_others_are_let_in(
    start_gateway: StartGateway, store: Store, away: DealClient
) -> None:
    made = await api_keys.create(
        store, NewKey(name="sync", scopes=frozenset({Scope.READ})), by="max", now=datetime.now(UTC)
    )
    api = await start_gateway(away, api_keys=(OWN,), failed_attempts=0.5)
    answers = [await api.get(PATH, headers=by_proxy(f"guess-{n}", "192.0.2.1")) for n in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].json()["type"] == "urn:dealwright:problem:too-many-wrong-keys"
    guessed = await api.get(PATH, headers=by_proxy(OWN, "192.0.2.1"))
    assert guessed.status_code == 429  # a guess that is right is no faster than the others
    assert (await api.get(PATH, headers=by_proxy(OWN, "192.0.2.2"))).status_code == 200
    assert (await api.get(PATH, headers=by_proxy(made.key, "192.0.2.1"))).status_code == 200


async def test_wrong_keys_with_one_beginning_have_to_wait_wherever_they_come_from(
    start_gateway: StartGateway, away: DealClient
) -> None:
    api = await start_gateway(away, api_keys=(OWN,), failed_attempts=0.5)
    assert (await api.get(PATH, headers=by_proxy(OWN, "192.0.2.200"))).status_code == 200
    answers = [await api.get(PATH, headers=by_proxy(f"{OWN[:14]}{n}", f"192.0.2.{n}")) for n in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert (await api.get(PATH, headers=by_proxy(OWN, "192.0.2.100"))).status_code == 429
    assert (await api.get(PATH, headers=by_proxy(OWN, "192.0.2.200"))).status_code == 200  # it opened from there before


async def test_no_key_at_all_counts_as_wrong_for_its_address_only(
    start_gateway: StartGateway, away: DealClient
) -> None:
    api = await start_gateway(away, failed_attempts=0.5)
    async with httpx2.AsyncClient(base_url=api.base_url, timeout=60) as anybody:
        answers = [await anybody.get(PATH) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert (await api.get(PATH)).status_code == 200


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_TRACKED", 100)
    attempts = FailedAttempts()
    for number in range(5000):
        attempts.failed(f"2001:db8:{number:x}::1", f"key-{number:08}-xxxx", "wrong key")
        attempts.opened(f"192.0.2.{number}", "environment-1")
    assert attempts.count == 5000
    assert max(map(len, (attempts._addresses._buckets, attempts._beginnings._buckets))) <= 100
    assert len(attempts._opened) <= 1000


def test_the_log_has_few_lines_and_the_whole_number(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    attempts = FailedAttempts(clock=lambda: now[0])
    for _ in range(500):
        attempts.failed("192.0.2.1", "secret-guess-0001", "wrong key")
    now[0] += 60
    attempts.failed("192.0.2.1", "secret-guess-0001", "wrong key")
    assert [record.getMessage().partition(" requests")[0] for record in caplog.records] == ["1", "500"]
    assert "secret-guess" not in caplog.text


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:ffff:ffff:ffff", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_sender_is_its_network(address: str, network: str) -> None:
    assert network_of(address) == network
