"""The tools that ship with Dealwright: what each one sends in, by the name of its source."""

from __future__ import annotations

from importlib.resources import files

from integrations.kit.mapping import SourceMapping, mappings_by_name

SHIPPED = ("hubspot", "standard_webhooks")
"""The folders of tools that send webhooks; each has its mapping file ``inbound.yaml``."""


def shipped_mappings() -> dict[str, SourceMapping]:
    """The sources that come with the gateway, by name."""
    return mappings_by_name([(f"{tool}/inbound.yaml", _inbound_of(tool)) for tool in SHIPPED])


def _inbound_of(tool: str) -> str:
    return files(f"integrations.{tool}").joinpath("inbound.yaml").read_text("utf-8")
