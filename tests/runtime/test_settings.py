from __future__ import annotations

import pytest

from runtime.settings import BadSettings, Settings


@pytest.mark.parametrize("name", ["DEALWRIGHT_WEBHOOK_SECRETS", "DEALWRIGHT_WEBHOOK_SETTINGS"])
@pytest.mark.parametrize("text", ["{bad", "", '["hubspot"'])
def test_a_variable_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(BadSettings, match=rf"^{name}: this is no JSON .*write \{{\}}") as refused:
        Settings()
    assert "\n" not in str(refused.value)


def test_what_is_json_but_no_object_is_named_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALWRIGHT_WEBHOOK_SECRETS", "5")
    with pytest.raises(BadSettings, match=r"^DEALWRIGHT_WEBHOOK_SECRETS: .*dict"):
        Settings()


def test_secrets_and_settings_of_sources_are_read_from_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALWRIGHT_WEBHOOK_SECRETS", '{"hubspot": ["old", "new"]}')
    monkeypatch.setenv("DEALWRIGHT_WEBHOOK_SETTINGS", '{"hubspot": {"currency": "EUR"}}')
    settings = Settings()
    assert [secret.get_secret_value() for secret in settings.webhook_secrets["hubspot"]] == ["old", "new"]
    assert settings.webhook_settings == {"hubspot": {"currency": "EUR"}}


@pytest.mark.parametrize("what", ["SMTP", "GATEWAY", "HEALTH"])
@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_no_machine_has_is_refused(monkeypatch: pytest.MonkeyPatch, what: str, port: str) -> None:
    monkeypatch.setenv(f"DEALWRIGHT_{what}_PORT", port)
    with pytest.raises(BadSettings, match=f"^DEALWRIGHT_{what}_PORT: "):
        Settings()
