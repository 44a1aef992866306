from __future__ import annotations

import pytest

from runtime.settings import BadSettings, Settings


@pytest.mark.parametrize("name", ["DEALWRIGHT_WEBHOOK_SECRETS", "DEALWRIGHT_WEBHOOK_SETTINGS"])
@pytest.mark.parametrize("text", ["{bad", "", '["hubspot"'])
def test_a_variable_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(BadSettings, match=rf"^{name}: This is no JSON .*Write \{{\}}") as refused:
        Settings()
    assert "\n" not in str(refused.value)


def test_what_is_json_but_no_object_is_named_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALWRIGHT_WEBHOOK_SECRETS", "5")
    with pytest.raises(BadSettings, match=r"^DEALWRIGHT_WEBHOOK_SECRETS: .*an object is wanted"):
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


def the_mistake(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(BadSettings) as refused:
        Settings()
    return str(refused.value)


LOGIN = {"DEALWRIGHT_SMTP_USERNAME": "deals@seller.example", "DEALWRIGHT_SMTP_PASSWORD": "s3cret"}


@pytest.mark.parametrize("host", ["mail.seller.example", "127.0.0.1", "localhost", "127.0.0.1.evil.example"])
def test_a_login_in_the_clear_is_refused(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    told = the_mistake(monkeypatch, **LOGIN, DEALWRIGHT_SMTP_HOST=host)
    assert "DEALWRIGHT_SMTP_TLS" in told
    assert "Set starttls or tls" in told
    assert "s3cret" not in told
    assert "deals@seller" not in told


@pytest.mark.parametrize("host", ["mail.seller.example", "10.0.0.7", "127.0.0.1.evil.example"])
def test_a_login_in_the_clear_to_another_machine_cannot_be_allowed(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    variables = {**LOGIN, "DEALWRIGHT_SMTP_HOST": host, "DEALWRIGHT_SMTP_LOGIN_IN_THE_CLEAR": "true"}
    assert "DEALWRIGHT_SMTP_TLS" in the_mistake(monkeypatch, **variables)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_a_login_in_the_clear_on_this_machine_can_be_allowed(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    for name, text in LOGIN.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("DEALWRIGHT_SMTP_HOST", host)
    monkeypatch.setenv("DEALWRIGHT_SMTP_LOGIN_IN_THE_CLEAR", "true")
    assert Settings().smtp_username == "deals@seller.example"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_login_over_tls_is_taken(monkeypatch: pytest.MonkeyPatch, security: str) -> None:
    for name, text in LOGIN.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("DEALWRIGHT_SMTP_TLS", security)
    assert Settings().smtp_tls == security


@pytest.mark.parametrize("given", LOGIN)
def test_half_a_login_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    told = the_mistake(monkeypatch, **{given: LOGIN[given], "DEALWRIGHT_SMTP_TLS": "tls"})
    assert "Set both, or neither" in told


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DEALWRIGHT_MAIL_FROM", "nobody"),
        ("DEALWRIGHT_MAIL_FROM", "Sales <deals@seller.example>"),
        ("DEALWRIGHT_MAIL_FROM", "deals@seller.example\r\nBcc: evil@x.example"),
        ("DEALWRIGHT_MAIL_DOMAIN", "seller.example>"),
        ("DEALWRIGHT_MAIL_INBOUND", "in seller.example"),
        ("DEALWRIGHT_MAIL_INBOUND", "Deals <deals@seller.example>"),
        ("DEALWRIGHT_MAIL_INBOUND", f"{'x' * 37}@seller.example"),
        ("DEALWRIGHT_MAIL_DOMAIN", "bücher.example"),
        ("DEALWRIGHT_PUBLIC_URL", "deals.seller.example"),
        ("DEALWRIGHT_PUBLIC_URL", "https://deals.seller.example/ x"),
        ("DEALWRIGHT_PUBLIC_URL", "https://bücher.example"),
        ("DEALWRIGHT_DEAL_LINK", "crm.example/{crm_id}"),
        ("DEALWRIGHT_DEAL_LINK", "https://crm.example/{deal}"),
    ],
)
def test_what_would_make_every_mail_wrong_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    told = the_mistake(monkeypatch, **{name: text})
    assert told.startswith(f"{name}: This is no ")
    assert text not in told


def test_settings_show_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://deals:s3cret@db.example/deals")
    monkeypatch.setenv("DEALWRIGHT_SMTP_TLS", "tls")
    for name, text in LOGIN.items():
        monkeypatch.setenv(name, text)
    assert "s3cret" not in repr(Settings())


def test_a_proxy_is_an_address_or_a_network() -> None:
    settings = Settings(trusted_proxies="192.0.2.1, 10.0.0.0/24")
    assert settings.trusted_proxies == ("192.0.2.1", "10.0.0.0/24")
    with pytest.raises(BadSettings, match=r"DEALWRIGHT_TRUSTED_PROXIES.*10\.0\.0\.0/24"):
        Settings(trusted_proxies="*")
