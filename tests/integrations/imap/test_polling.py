from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr, ValidationError

from integrations.imap.polling import AT_ONCE, ImapPolling
from integrations.imap.settings import ImapConnection
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.polling import Polled
from integrations.registry import connections_at, polling_of
from local.imap_server import PASSWORD, ImapServer
from store import intake
from store.database import Store
from tests.integrations.mail.letters import RECEIVED, letter
from tests.integrations.mail.sent_letters import DEAL, sent
from tests.simulators.scripted_api import Says, ScriptedApi, scripted_api


def connection(server: ImapServer, **changes: object) -> ImapConnection:
    given = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "username": "deals",
        "password": SecretStr(PASSWORD),
    }
    return ImapConnection.model_validate({**given, **changes})


def reading(server: ImapServer, store: Store, **changes: object) -> ImapPolling:
    return ImapPolling(connection(server, **changes), store, lambda: RECEIVED)


@pytest.fixture
async def server() -> AsyncIterator[ImapServer]:
    async with ImapServer() as running:
        yield running


def ids(polled: Polled) -> list[str]:
    return [event.event_id for event in polled.events]


async def test_what_lay_in_the_mailbox_before_is_not_read(server: ImapServer, store: Store) -> None:
    server.deliver(letter(), RECEIVED)
    first = await reading(server, store).poll(None)
    assert (first.events, first.more) == ((), False)


async def test_new_messages_are_told_to_their_deals(server: ImapServer, store: Store) -> None:
    ours = await sent(store)
    source = reading(server, store)
    start = (await source.poll(None)).cursor
    server.deliver(letter(In_Reply_To=ours["Message-ID"]), RECEIVED)
    server.deliver(letter(Message_ID="<other@acme.test>"), RECEIVED)
    polled = await source.poll(start)
    assert [(one.source, one.deal_ref, one.fact) for one in polled.events] == [
        ("mail", DEAL, "reply_received"),
        ("mail", None, ""),
    ]
    assert (await source.poll(polled.cursor)).events == ()


async def test_nothing_in_the_mailbox_changes(server: ImapServer, store: Store) -> None:
    source = reading(server, store)
    start = (await source.poll(None)).cursor
    server.deliver(letter(), RECEIVED)
    await source.poll((await source.poll(start)).cursor)
    assert [(one.uid, one.flags) for one in server.folders["INBOX"]] == [(1, set())]
    assert not [command for command in server.commands if command.startswith("SELECT")]


async def test_a_page_has_so_many_messages_and_says_that_there_are_more(server: ImapServer, store: Store) -> None:
    source = reading(server, store)
    cursor = (await source.poll(None)).cursor
    for number in range(AT_ONCE + 1):
        server.deliver(letter(Message_ID=f"<{number}@acme.test>"), RECEIVED)
    first = await source.poll(cursor)
    rest = await source.poll(first.cursor)
    assert (len(first.events), first.more, ids(rest), rest.more) == (AT_ONCE, True, [f"{AT_ONCE}@acme.test"], False)


async def test_a_poll_that_is_repeated_brings_the_same_events(server: ImapServer, store: Store) -> None:
    source = reading(server, store)
    cursor = (await source.poll(None)).cursor
    server.deliver(letter(), RECEIVED)
    assert await source.poll(cursor) == await source.poll(cursor)


async def test_new_uids_lose_and_double_nothing(server: ImapServer, store: Store) -> None:
    source = reading(server, store)
    cursor = (await source.poll(None)).cursor
    server.deliver(letter(Message_ID="<old@acme.test>"), RECEIVED - timedelta(days=30))
    server.deliver(letter(Message_ID="<read@acme.test>"), RECEIVED)
    polled = await source.poll(cursor)
    await intake.add(store, polled.events)
    server.deliver(letter(Message_ID="<new@acme.test>"), RECEIVED)
    server.renumber()
    again = await source.poll(polled.cursor)
    assert ids(again) == ["read@acme.test", "new@acme.test"]
    assert [row.event_id for row in await intake.add(store, again.events)] == ["new@acme.test"]
    assert (await source.poll(again.cursor)).events == ()


@pytest.mark.parametrize("can", ["MOVE UIDPLUS", "UIDPLUS"])
async def test_messages_are_moved_once_they_are_kept(store: Store, can: str) -> None:
    async with ImapServer(can=can) as server:
        server.deliver(letter(Message_ID="<before@acme.test>"), RECEIVED)
        source = reading(server, store, done_folder="Done")
        cursor = (await source.poll(None)).cursor
        server.deliver(letter(), RECEIVED)
        polled = await source.poll(cursor)
        assert [one.uid for one in server.folders["INBOX"]] == [1, 2]  # not before the next poll says that it is kept
        await source.poll(polled.cursor)
        assert [one.uid for one in server.folders["INBOX"]] == [1]
        assert [one.uid for one in server.folders["Done"]] == [2]


async def test_a_server_that_cannot_move_single_messages_says_so(store: Store) -> None:
    async with ImapServer(can="") as server:
        source = reading(server, store, done_folder="Done")
        cursor = (await source.poll(None)).cursor
        server.deliver(letter(), RECEIVED)
        with pytest.raises(Refused, match="leave done_folder out"):
            await source.poll((await source.poll(cursor)).cursor)


async def test_a_cursor_that_is_none_begins_anew(server: ImapServer, store: Store) -> None:
    assert (await reading(server, store).poll("rubbish")).cursor == f"7:0:0:{RECEIVED.date()}"


async def test_a_wrong_password_is_told_without_it(server: ImapServer, store: Store) -> None:
    source = reading(server, store, password=SecretStr("not-the-password"))
    with pytest.raises(Refused, match="does not take the login of deals") as told:
        await source.poll(None)
    assert "not-the-password" not in str(told.value)
    (finding,) = await source.health()
    assert finding.level == "problem"


async def test_a_folder_that_is_not_there_is_told(server: ImapServer, store: Store) -> None:
    with pytest.raises(Refused, match="no such folder"):
        await reading(server, store, folder="Elsewhere").poll(None)


@pytest.mark.parametrize("command", ["LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH"])
async def test_a_connection_that_breaks_loses_nothing(server: ImapServer, store: Store, command: str) -> None:
    source = reading(server, store)
    cursor = (await source.poll(None)).cursor
    server.deliver(letter(), RECEIVED)
    server.hang_up_on = command
    with pytest.raises(NotHandedOver):
        await source.poll(cursor)
    server.hang_up_on = ""
    assert ids(await source.poll(cursor)) == ["answer-1@acme.test"]


async def test_a_server_that_is_away_is_tried_again(store: Store) -> None:
    async with ImapServer() as server:
        source = reading(server, store)
    with pytest.raises(NotHandedOver, match="cannot be reached"):
        await source.poll(None)


async def test_a_mailbox_that_can_be_read_is_healthy(server: ImapServer, store: Store) -> None:
    (finding,) = await reading(server, store).health()
    assert (finding.level, finding.says) == ("ok", "INBOX can be read; the next message gets 1")


async def test_a_mailbox_of_the_connections_file_is_read(store: Store, tmp_path: Path) -> None:
    async with ImapServer() as server:
        (tmp_path / "password").write_text(PASSWORD)
        file = tmp_path / "connections.yaml"
        block = f"{{host: 127.0.0.1, port: {server.port}, security: none, username: deals"
        file.write_text(f"tools:\n  imap: {block}, password: 'file:{tmp_path}/password'}}\n")
        _, _, source = polling_of(connections_at(file), store)["imap"]
        assert (await source.poll(None)).cursor.startswith("7:0:0:")


async def test_over_tls_the_servers_certificate_is_checked(store: Store, tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    async with ImapServer(tls=context) as server:
        assert (await reading(server, store, security="tls", ca_file=certificate).poll(None)).events == ()
        with pytest.raises(NotHandedOver, match="certificate"):
            await reading(server, store, security="tls").poll(None)


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "imap.example.com"},
        {"done_folder": "INBOX"},
        {"folder": 'IN"BOX'},
        {"folder": "A\r\nB LOGOUT"},
        {"port": 0},
    ],
)
def test_a_connection_that_could_do_harm_is_refused(changes: dict[str, object]) -> None:
    given = {"host": "127.0.0.1", "security": "none", "username": "deals", "password": SecretStr(PASSWORD)}
    with pytest.raises(ValidationError):
        ImapConnection.model_validate({**given, **changes})


def own_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(*plain))
    return certificate, private


# --- OAuth ----------------------------------------------------------------------------------------------------


def with_oauth(server: ImapServer, store: Store, api: ScriptedApi, **changes: object) -> ImapPolling:
    oauth = {
        "provider": "google", "client_id": "an-app", "client_secret": SecretStr("a-secret"),
        "refresh_token": SecretStr("a-refresh-token"), "token_url": f"{api.url}/token", **changes,
    }  # fmt: skip
    return reading(server, store, password=None, oauth=oauth)


def token(access: str) -> Says:
    return Says(body={"access_token": access, "expires_in": 3599, "token_type": "Bearer"})


async def test_a_mailbox_is_opened_with_an_access_token_that_is_asked_for_once(
    server: ImapServer, store: Store
) -> None:
    server.access_token = "good"
    async with scripted_api() as api:
        api.will_say(token("good"))
        source = with_oauth(server, store, api)
        cursor = (await source.poll(None)).cursor
        server.deliver(letter(), RECEIVED)
        assert ids(await source.poll(cursor)) == ["answer-1@acme.test"]
        (asked,) = api.got
    sent = dict(parse_qsl(asked.body.decode()))
    assert (sent["grant_type"], sent["refresh_token"]) == ("refresh_token", "a-refresh-token")
    assert not any("good" in command or "LOGIN" in command for command in server.commands)


async def test_an_access_token_that_the_server_does_not_take_is_told_without_it(
    server: ImapServer, store: Store
) -> None:
    server.access_token = "another"
    async with scripted_api() as api:
        api.will_say(token("spent"))
        with pytest.raises(Refused, match="does not take the login") as told:
            await with_oauth(server, store, api).poll(None)
    assert "spent" not in str(told.value)


async def test_microsoft_lets_an_app_in_that_an_administrator_approved(server: ImapServer, store: Store) -> None:
    server.access_token = "good"
    async with scripted_api() as api:
        api.will_say(token("good"))
        changes = {"provider": "microsoft", "tenant": "seller.example", "refresh_token": None}
        await with_oauth(server, store, api, **changes).poll(None)
        (asked,) = api.got
    sent = dict(parse_qsl(asked.body.decode()))
    assert (sent["grant_type"], sent["scope"]) == ("client_credentials", "https://outlook.office365.com/.default")


@pytest.mark.parametrize(
    "oauth",
    [
        {"provider": "google", "client_id": "an-app", "client_secret": SecretStr("s")},
        {"provider": "microsoft", "client_id": "an-app", "client_secret": SecretStr("s")},
    ],
)
def test_an_app_that_nobody_let_in_is_refused(oauth: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="how the app is let in"):
        ImapConnection.model_validate({"host": "imap.example.com", "username": "deals", "oauth": oauth})


def test_a_mailbox_has_a_password_or_oauth() -> None:
    with pytest.raises(ValidationError, match="how to log in"):
        ImapConnection.model_validate({"host": "imap.example.com", "username": "deals"})
