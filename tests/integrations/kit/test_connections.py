"""The connections file: what can be written, and that no secret is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.embedded.crm import EmbeddedChat, EmbeddedCrm
from integrations.kit.connection import BaseUrl, Connection, Secret
from integrations.kit.connections import BadConnections, Connections, read_connections
from integrations.kit.ports import Chat, Crm
from integrations.kit.tool import Connected, Tool

SECRET = "sk-do-not-show-me"


class AcmeConnection(Connection):
    """A tool with credentials."""

    token: Secret
    base_url: BaseUrl = "https://api.acme.example"


def acme_crm(connected: Connected) -> Crm:
    assert connected.block(AcmeConnection).token.get_secret_value() == SECRET
    return EmbeddedCrm(connected.store)


def some_chat(connected: Connected) -> Chat:
    return EmbeddedChat(connected.store)


TOOLS = {
    "acme": Tool(name="acme", title="Acme CRM", source="acme", connection=AcmeConnection, crm=acme_crm),
    "talk": Tool(name="talk", title="Talk", chat=some_chat),
}


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_TOKEN", SECRET)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "connections.yaml"


def written(file: Path, text: str) -> Connections:
    file.write_text(text)
    return read_connections(file, TOOLS)


def the_mistake(file: Path, text: str) -> str:
    with pytest.raises(BadConnections) as refused:
        written(file, text)
    assert SECRET not in str(refused.value)
    return str(refused.value)


def test_a_tool_is_read_in_its_own_model(file: Path) -> None:
    connections = written(
        file,
        """
        crm: acme
        chat: talk
        tools:
          acme:
            token: env:ACME_TOKEN
            base_url: http://127.0.0.1:8080/
            settings: {playbook: b2b-saas}
            stages: {qualification: qualifiedtobuy}
            owners: {jane@seller.example: "17"}
          talk: {}
        """,
    )
    acme = connections.tools["acme"]
    assert isinstance(acme, AcmeConnection)
    assert (connections.crm, connections.chat, acme.token.get_secret_value()) == ("acme", "talk", SECRET)
    assert acme.base_url == "http://127.0.0.1:8080"
    assert acme.stages == {"qualification": "qualifiedtobuy"}


def test_no_secret_is_shown_by_what_was_read(file: Path) -> None:
    assert SECRET not in repr(written(file, "tools: {acme: {token: env:ACME_TOKEN}}"))


def test_a_secret_may_stand_in_a_file_of_its_own(file: Path, tmp_path: Path) -> None:
    (tmp_path / "hook").write_text(f"{SECRET}\n")
    connections = written(
        file, f"tools: {{acme: {{token: env:ACME_TOKEN, webhook_secrets: ['file:{tmp_path}/hook']}}}}"
    )
    assert [secret.get_secret_value() for secret in connections.tools["acme"].webhook_secrets] == [SECRET]


@pytest.mark.parametrize("token", [SECRET, f"'{SECRET}'", f"[{SECRET}]", f"env {SECRET}", "'env:'", "17", "null", "{}"])
def test_a_secret_is_never_written_into_the_file(file: Path, token: str) -> None:
    told = the_mistake(file, f"tools:\n  acme:\n    token: {token}\n")
    assert told.startswith(f"{file}:3: tools.acme.token: This is no reference to a secret")
    assert "Write env:NAME" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tools: {acme: {token: env:NO_SUCH}}", "The variable NO_SUCH is not set, or empty"),
        ("tools: {acme: {token: file:/no/such}}", "The file /no/such cannot be read: No such file or directory"),
        ("tools: {acme: {}}", "'token' is missing"),
        ("tools: {acmee: {}}", "Did you mean 'acme'?"),
        ("tools: {acme: {token: env:ACME_TOKEN, stagess: {}}}", "Did you mean 'stages'?"),
        (f"tools: {{acme: {SECRET}}}", "A text stands where a mapping is wanted"),
        ("tools: {acme: {token: env:ACME_TOKEN, base_url: api.acme.example}}", "This is no address of an API"),
        ("tools: {acme: {token: env:ACME_TOKEN, base_url: 'http://acme.example'}}", "not sent in the clear"),
        (f"tools: {{acme: {{token: env:ACME_TOKEN, base_url: 'https://a:{SECRET}@x'}}}}", "without a login"),
        ("crm: acme", "'acme' is not connected"),
        ("crm: acmee\ntools: {}", "There is no tool 'acmee'. Did you mean 'acme'?"),
        ("crm: talk\ntools: {talk: {}}", "Talk is no crm. Write one of acme"),
        ("chat: acme\ntools: {acme: {token: env:ACME_TOKEN}}", "Acme CRM is no chat"),
        (
            "touches: acme\ntools: {acme: {token: env:ACME_TOKEN}}",
            "Acme CRM has no lists for tasks that reach contacts",
        ),
        ("", "The connections file is empty. Begin with tools:"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_remedy(file: Path, text: str, told: str) -> None:
    mistake = the_mistake(file, text)
    assert mistake.startswith(f"{file}:1:")
    assert told in mistake


def test_a_file_that_is_not_there_is_told_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(BadConnections, match=r"^DEALWRIGHT_CONNECTIONS: .*cannot be read: No such file"):
        read_connections(tmp_path / "none.yaml", TOOLS)
