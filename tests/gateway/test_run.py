"""The gateway's options, as settings and the connections file say."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.run import options_of
from integrations.kit.connections import BadConnections
from runtime.settings import Settings


@pytest.fixture
def connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUBSPOT_SECRET", "a-secret-of-the-app")
    file = tmp_path / "connections.yaml"
    file.write_text(
        "tools: {hubspot: {token: env:HUBSPOT_SECRET, webhook_secrets: [env:HUBSPOT_SECRET], "
        "settings: {currency: EUR}}}"
    )
    return file


def test_a_connected_tool_brings_the_secrets_and_settings_of_its_webhooks(connections: Path) -> None:
    options = options_of(Settings(connections=connections))
    assert options.webhook_secrets == {"hubspot": ("a-secret-of-the-app",)}
    assert options.source_settings == {"hubspot": {"currency": "EUR"}}
    assert "a-secret" not in repr(options.connections)


def test_sources_without_a_connection_keep_their_variables(connections: Path) -> None:
    settings = Settings(connections=connections, webhook_secrets={"standard": ["whsec_x"]})
    assert set(options_of(settings).webhook_secrets) == {"hubspot", "standard"}


@pytest.mark.parametrize(
    ("variable", "setting", "value"),
    [
        ("DEALWRIGHT_WEBHOOK_SECRETS", "webhook_secrets", ["another"]),
        ("DEALWRIGHT_WEBHOOK_SETTINGS", "webhook_settings", {"currency": "USD"}),
    ],
)
def test_a_source_is_not_set_up_in_two_places(connections: Path, variable: str, setting: str, value: object) -> None:
    settings = Settings(connections=connections, **{setting: {"hubspot": value}})
    with pytest.raises(BadConnections, match=rf"^{variable}.hubspot: The source is in the connections file as well"):
        options_of(settings)
