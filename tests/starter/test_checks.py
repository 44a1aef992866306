"""What ``doctor`` and ``integration check`` find, and what they say to do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from integrations.kit.clocks import compare_clocks
from integrations.kit.connection import BaseUrl, Connection
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.findings import Finding
from integrations.kit.polling import Polled
from integrations.kit.tool import Tool
from runtime.settings import Settings
from starter.app import run
from starter.checks.installation import check_mail, check_secrets
from starter.checks.tools import check_tool
from store import feeds, subscriptions, unsubscribe
from store.database import Store
from store.sealing import Seal
from tests.simulators.mail_fixtures import mail_process, mail_server
from tests.simulators.mailbox_server import MailServer
from tests.simulators.scripted_api import Says, ScriptedApi, scripted_api
from tests.store.databases import database, database_url, migrated_postgres, migrated_sqlite, postgres, store

__all__ = [
    "database", "database_url", "mail_process", "mail_server", "migrated_postgres", "migrated_sqlite", "postgres",
    "store",
]  # fmt: skip
ACME = Tool(name="acme", title="Acme", source="acme")


class AcmeConnection(Connection):
    base_url: BaseUrl


class Acme:
    """A tool that can be asked how it is."""

    def __init__(self, *findings: Finding, fault: Exception | None = None) -> None:
        self.findings, self.fault = list(findings), fault
        self.may_be_repaired = False

    async def poll(self, cursor: str | None) -> Polled:
        raise AssertionError(f"a check reads nothing, from {cursor}")

    async def repair(self) -> list[Finding]:
        if not self.may_be_repaired:
            raise AssertionError("a check changes nothing")
        self.findings = [Finding("ok", "subscription", "it is there")]
        return [Finding("ok", "subscription", "it was made")]

    async def health(self) -> list[Finding]:
        if self.fault is not None:
            raise self.fault
        return self.findings


async def secrets_found(url: str, *keys: str) -> list[tuple[str, str]]:
    other = Store.open(url, seal=Seal(keys))
    found = [(str(one.level), one.remedy) for one in await check_secrets(other)]
    await other.close()
    return found


async def test_secrets_in_the_clear_are_told_with_what_to_do(store: Store, database_url: str) -> None:
    key = Fernet.generate_key().decode()
    assert await secrets_found(database_url) == [("ok", "")]
    await unsubscribe.secret(store)
    await subscriptions.add(store, "https://crm.example/hooks", datetime.now(UTC))
    in_the_clear, with_key = await secrets_found(database_url), await secrets_found(database_url, key)
    assert [level for level, _ in (*in_the_clear, *with_key)] == ["warning"] * 4
    assert "openssl rand -base64 32" in in_the_clear[0][1]
    assert "dealwright secret encrypt" in with_key[0][1]


def test_secrets_are_encrypted_at_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/deals.db"
    monkeypatch.setenv("DATABASE_URL", url)

    async def kept() -> None:
        store = Store.open(url)
        await store.migrate()
        await unsubscribe.secret(store)
        await store.close()

    asyncio.run(kept())
    assert run(["secret", "encrypt"]) == 1
    assert "DEALWRIGHT_TOKEN_KEY is not set" in capsys.readouterr().out
    monkeypatch.setenv("DEALWRIGHT_TOKEN_KEY", Fernet.generate_key().decode())
    assert run(["secret", "encrypt", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"encrypted": 1, "unreadable": 0, "key": True}
    assert run(["secret", "forget-unsubscribe-key"]) == 1
    monkeypatch.setenv("DEALWRIGHT_TOKEN_KEY", Fernet.generate_key().decode())
    assert run(["secret", "encrypt"]) == 1
    assert run(["secret", "forget-unsubscribe-key"]) == 0
    assert [level for level, _ in asyncio.run(secrets_found(url))] == ["ok"]


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    async with scripted_api() as far:
        yield far


def ahead(by: timedelta) -> Says:
    return Says(404, headers={"Date": format_datetime(datetime.now(UTC) + by, usegmt=True)})


@pytest.mark.parametrize(
    ("by", "level"),
    [
        (timedelta(0), "ok"),
        (timedelta(seconds=20), "ok"),
        (timedelta(minutes=2), "warning"),
        (timedelta(minutes=-2), "warning"),
        (timedelta(minutes=10), "problem"),
        (timedelta(hours=-1), "problem"),
    ],
)
async def test_a_clock_that_is_off_is_found_by_what_the_tool_answers(
    api: ScriptedApi, by: timedelta, level: str
) -> None:
    api.will_say(ahead(by))
    found = await compare_clocks(api.url)
    assert (found.about, found.level) == ("clock", level)
    assert ("behind" in found.says) == (by > timedelta(seconds=1))
    assert bool(found.remedy) == (level != "ok")
    assert "authorization" not in api.got[0].headers


async def test_a_tool_that_does_not_answer_is_a_problem() -> None:
    found = await compare_clocks("http://127.0.0.1:1")
    assert (found.level, found.about) == ("problem", "reach")


async def levels(api: ScriptedApi, store: Store, source: Acme | None, **written: object) -> dict[str, str]:
    api.will_say(ahead(timedelta(0)))
    connection = AcmeConnection.model_validate({"base_url": api.url, **written})
    return {found.about: found.level for found in await check_tool(ACME, connection, source, store)}


async def test_a_tool_that_is_well_is_said_to_be(
    api: ScriptedApi, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_SECRET", "a-secret-of-acme")
    await feeds.polled(store, "acme", "7", datetime.now(UTC), found=False)
    source = Acme(Finding("ok", "credentials", "taken"))
    assert await levels(api, store, source, webhook_secrets=["env:ACME_SECRET"]) == {
        "clock": "ok", "webhooks": "ok", "credentials": "ok", "polling": "ok",
    }  # fmt: skip


@pytest.mark.parametrize("fault", [NotHandedOver("it does not take the credentials"), Refused("no such scope")])
async def test_credentials_that_are_not_taken_are_a_problem(api: ScriptedApi, store: Store, fault: Exception) -> None:
    assert (await levels(api, store, Acme(fault=fault)))["credentials"] == "problem"


async def test_a_tool_that_nobody_reads_any_more_is_a_problem(api: ScriptedApi, store: Store) -> None:
    assert (await levels(api, store, Acme()))["polling"] == "warning"
    await feeds.polled(store, "acme", "7", datetime.now(UTC) - timedelta(hours=1), found=False)
    assert (await levels(api, store, Acme()))["polling"] == "problem"
    assert (await levels(api, store, None))["polling"] == "ok"


async def test_what_is_missing_is_set_up_before_a_check_that_is_to_repair(api: ScriptedApi, store: Store) -> None:
    source = Acme(Finding("problem", "subscription", "it is missing"))
    connection = AcmeConnection.model_validate({"base_url": api.url})
    missing = await check_tool(ACME, connection, source, store)
    assert [(found.level, found.says) for found in missing if found.about == "subscription"] == [
        ("problem", "it is missing")
    ]
    source.may_be_repaired = True
    repaired = await check_tool(ACME, connection, source, store, repair=True)
    assert [(found.level, found.says) for found in repaired if found.about == "subscription"] == [
        ("ok", "it was made"), ("ok", "it is there"),
    ]  # fmt: skip


async def test_a_silence_is_found_by_whoever_looks(api: ScriptedApi, store: Store) -> None:
    now = datetime.now(UTC)
    await feeds.heard(store, "acme", now - timedelta(hours=8))
    await feeds.polled(store, "acme", "7", now, found=True)
    connection = AcmeConnection.model_validate({"base_url": api.url})
    found = await check_tool(ACME, connection, Acme(), store)
    assert found[-1].level == "problem"
    assert found[-1].says.startswith("none came for 8 hours")


async def test_a_mail_server_that_takes_us_gets_no_message(mail_server: MailServer) -> None:
    settings = Settings(smtp_host=mail_server.host, smtp_port=mail_server.port)
    assert (await check_mail(settings)).level == "ok"
    assert mail_server.messages() == []
    away = await check_mail(Settings(smtp_host="127.0.0.1", smtp_port=1))
    assert (away.level, away.about) == ("problem", "mail")


def test_doctor_goes_on_where_something_is_missing_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("DEALWRIGHT_SMTP_PORT", "1")
    monkeypatch.setenv("DEALWRIGHT_CONNECTIONS", str(tmp_path / "none.yaml"))
    assert run(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    found = {one["about"]: one for one in told["findings"]}
    assert not told["ok"]
    assert {name: one["level"] for name, one in found.items()} == {
        "settings": "ok", "store": "problem", "server": "problem", "mail": "problem", "connections": "problem",
    }  # fmt: skip
    assert "start one" in found["server"]["says"]
    assert run(["doctor"]) == 1
    assert "problem  store: There is no database" in capsys.readouterr().out
