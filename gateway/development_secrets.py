"""The key and secrets of local development, and the check that no gateway that others can reach uses them."""

from __future__ import annotations

from dealwright.diagnostics.diagnostic import BadValue
from runtime.settings import Settings
from runtime.sockets import is_loopback

DEVELOPMENT_KEY = "local-development-key"
"""The API key of a gateway that only this machine can reach."""
DEVELOPMENT_SECRETS = {"hubspot": "local-hubspot-secret", "standard": "whsec_bG9jYWwtc3RhbmRhcmQtd2ViaG9va3M="}
"""The signing secrets of such a gateway, for trying webhooks."""


class DefaultSecretExposed(BadValue):
    """A key or secret that everybody can read in the documentation, on a gateway that others can reach."""

    def __init__(self, what: str, variable: str, host: str) -> None:
        problem = f"{what} is that of local development, which everybody knows, and the gateway listens on {host}"
        remedy = "write one of your own, or listen on 127.0.0.1 (DEALWRIGHT_GATEWAY_HOST)"
        super().__init__(problem, remedy, (variable,))


def require_own_secrets(settings: Settings) -> None:
    """Check that a gateway that others can reach has a key and secrets of its own.

    Raises:
        DefaultSecretExposed: a key or secret is that of development.
    """
    if is_loopback(settings.gateway_host):
        return
    if DEVELOPMENT_KEY in (key.get_secret_value() for key in settings.api_keys):
        raise DefaultSecretExposed("The API key", "DEALWRIGHT_API_KEYS", settings.gateway_host)
    for source, secrets in settings.webhook_secrets.items():
        if DEVELOPMENT_SECRETS.get(source) in [secret.get_secret_value() for secret in secrets]:
            raise DefaultSecretExposed(f"The secret of {source}", "DEALWRIGHT_WEBHOOK_SECRETS", settings.gateway_host)
