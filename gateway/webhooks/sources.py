"""The webhook sources of this gateway: their mappings, as an installation has configured them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dealwright.diagnostics.diagnostic import BadValue, Diagnostic
from dealwright.diagnostics.suggestions import did_you_mean
from integrations.kit.inbound import Fetcher, InboundHandler
from integrations.kit.mapping.source_mapping import BadMapping, Source, SourceMapping, Tables
from integrations.kit.proof.request import SignatureVerifier
from integrations.kit.proof.schemes import check_strength, verifier_for


class NoPublicUrl(BadValue):
    """A source signs the URL that it calls, and the gateway's public URL is not configured."""


@dataclass(frozen=True, slots=True)
class WebhookSource:
    """A source with its settings and the check of its signatures."""

    source: Source
    verifier: SignatureVerifier
    handler: InboundHandler | None = None
    """The code that reads its requests, where no mapping can."""
    fetcher: Fetcher | None = None
    """What gets what its hints point at."""

    @property
    def mapping(self) -> SourceMapping:
        """The source's mapping file."""
        return self.source.mapping


@dataclass(frozen=True, slots=True)
class SourceConfiguration:
    """What an installation says about its sources, each by the source's name."""

    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The active secrets."""
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the mapping file lets an installation set."""
    tables: Mapping[str, Tables] = field(default_factory=dict)
    """Words of ours with those of the source: stages, owners."""
    handlers: Mapping[str, InboundHandler] = field(default_factory=dict)
    fetchers: Mapping[str, Fetcher] = field(default_factory=dict)


def configured_sources(
    mappings: Mapping[str, SourceMapping], configuration: SourceConfiguration, public_url: str | None
) -> dict[str, WebhookSource]:
    """The sources by name. One without a secret is there as well: its requests are refused, and leave a trace.

    Raises:
        BadMapping: secrets or settings are given for what no mapping file names.
        BadSecret: a secret cannot be used.
        NoPublicUrl: a source signs the URL, and the public one is not configured.
    """
    for name in (*configuration.secrets, *configuration.settings):
        if name not in mappings:
            variable = "DEALWRIGHT_WEBHOOK_SECRETS" if name in configuration.secrets else "DEALWRIGHT_WEBHOOK_SETTINGS"
            remedy = did_you_mean(name, sorted(mappings))
            raise BadMapping([Diagnostic((variable, name), f"there is no source {name!r}", remedy)])
    return {name: _configured(mapping, configuration, public_url) for name, mapping in mappings.items()}


def _configured(mapping: SourceMapping, configuration: SourceConfiguration, public_url: str | None) -> WebhookSource:
    name = mapping.source
    secrets = configuration.secrets.get(name, ())
    source = mapping.with_settings(configuration.settings.get(name, {}), configuration.tables.get(name))
    if secrets and mapping.auth.signs_url and not public_url:
        remedy = f"set the gateway's public URL as {mapping.title} has it, since a proxy changes what arrives here"
        raise NoPublicUrl(f"{mapping.title} signs the URL that it calls", remedy, ("DEALWRIGHT_PUBLIC_URL",))
    check_strength(name, mapping.auth, secrets)
    verifier = verifier_for(name, mapping.auth, secrets)
    handler, fetcher = configuration.handlers.get(name), configuration.fetchers.get(name)
    return WebhookSource(source, verifier, handler, fetcher)
