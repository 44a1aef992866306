"""Reads mapping files. What is wrong with one is told with file and line."""

from __future__ import annotations

import functools
from importlib.resources import files
from pathlib import Path

from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.yaml.document import BadYaml, read_yaml
from dealwright.yaml.models import validate
from integrations.kit.mapping.source_mapping import BadMapping, SourceMapping


def mappings_in(folder: Path) -> dict[str, SourceMapping]:
    """A team's own sources, by name.

    Raises:
        BadMapping: what is wrong, with file and line, or that there is no such folder.
    """
    if not folder.is_dir():
        remedy = "name one with mapping files"
        raise BadMapping([Diagnostic(("DEALWRIGHT_WEBHOOK_SOURCES",), f"{folder} is no folder", remedy)])
    return mappings_by_name([(str(path), path.read_text("utf-8")) for path in sorted(folder.glob("*.yaml"))])


@functools.cache
def shipped_mapping(tool: str) -> SourceMapping:
    """A tool's own mapping file, as it ships in the tool's folder; read once, for nobody changes it."""
    text = files(f"integrations.{tool}").joinpath("inbound.yaml").read_text("utf-8")
    return read_mapping(text, f"{tool}/inbound.yaml")


def read_mapping(text: str, file: str) -> SourceMapping:
    """Read a mapping file.

    Raises:
        BadMapping: what is wrong, with file and line.
    """
    try:
        document = read_yaml(text, file)
    except BadYaml as unreadable:
        raise BadMapping(unreadable.diagnostics) from None
    mapping, wrong = validate(document, SourceMapping, kind="mapping file", begin="begin with source: <name>")
    if mapping is None or wrong:
        raise BadMapping(wrong)
    return mapping


def mappings_by_name(texts: list[tuple[str, str]]) -> dict[str, SourceMapping]:
    """The mappings in these files (name and text), by the name of their source."""
    mappings = [read_mapping(text, file) for file, text in texts]
    return {mapping.source: mapping for mapping in mappings}
