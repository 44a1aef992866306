"""The connections file: which tools this installation talks to, and with what credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from pydantic import Field, create_model

from dealwright.diagnostics.diagnostic import BadInput, Diagnostic
from dealwright.diagnostics.notation import Json
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.values.recorded import Given
from dealwright.yaml.document import BadYaml, YamlDocument, read_yaml
from dealwright.yaml.models import validate
from integrations.kit.connection import Connection
from integrations.kit.tool import Tool

_LACKS = {"touches": "has no lists for tasks that reach contacts"}
VARIABLE = "DEALWRIGHT_CONNECTIONS"
"""The setting that names the file."""


class BadConnections(BadInput):
    """A connections file that cannot be used, or a tool that does not offer what it is named for."""


@dataclass(frozen=True)
class Connections:
    """The tools that an installation talks to; none without a file."""

    crm: str | None = None
    """The tool that gets tasks, stages and notes; None for the embedded one."""
    chat: str | None = None
    """The tool that gets notices."""
    billing: str | None = None
    """The tool that bills customers; None where nothing is billed from here."""
    touches: str | None = None
    """The tool that gets the tasks by which people reach contacts; None where they are in the CRM like all others."""
    tools: Mapping[str, Connection] = field(default_factory=lambda: MappingProxyType({}))
    """The tools' blocks, each in its tool's own model."""

    def scheduling_link(self, deal_id: str) -> str | None:
        """Where the buyer of a deal books a meeting, so that the booking names the deal; None without such a page."""
        links = (connection.scheduling_link(deal_id) for connection in self.tools.values())
        return next((link for link in links if link is not None), None)


class _ConnectionsFile(Given):
    crm: str | None = None
    chat: str | None = None
    billing: str | None = None
    touches: str | None = None
    tools: Given = Given()


def read_connections(path: Path, tools: Mapping[str, Tool]) -> Connections:
    """Read the file, and the secrets that it refers to. ``tools`` are all that there are, by name.

    Raises:
        BadConnections: what is wrong, with file and line. No secret is told.
    """
    document = _document(path)
    blocks = {name: (tool.connection | None, None) for name, tool in tools.items()}
    tools_model = create_model("Tools", __base__=Given, **blocks)  # type: ignore[call-overload] # made of data
    model = create_model("Connections", __base__=_ConnectionsFile, tools=(tools_model, Field(default=tools_model())))
    file, wrong = validate(
        document, model, kind="connections file", begin="begin with tools:", notation=_WithoutValues()
    )
    if file is None or wrong:
        raise BadConnections(wrong)
    given = {name: block for name in tools if isinstance(block := getattr(file.tools, name), Connection)}
    roles = {"crm": file.crm, "chat": file.chat, "billing": file.billing, "touches": file.touches}
    wrong = [one for role, name in roles.items() for one in _wrong_role(role, name, given, tools)]
    wrong += _billed_twice(file.billing, given)
    if wrong:
        raise BadConnections(map(document.located, wrong))
    return Connections(**roles, tools=MappingProxyType(given))


def _document(path: Path) -> YamlDocument:
    try:
        return read_yaml(path.read_text("utf-8"), str(path))
    except BadYaml as unreadable:
        raise BadConnections(unreadable.diagnostics) from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        remedy = "name a file that is there, or leave the variable out"
        raise BadConnections([Diagnostic((VARIABLE,), f"{path} cannot be read: {why}", remedy)]) from None


def _wrong_role(
    role: str, name: str | None, given: Mapping[str, Connection], tools: Mapping[str, Tool]
) -> list[Diagnostic]:
    offering = [each for each, tool in tools.items() if getattr(tool, role) is not None]
    if name is None:
        return []
    if name not in tools:
        return [Diagnostic((role,), f"there is no tool {name!r}", did_you_mean(name, offering))]
    if name not in offering:
        lacks = _LACKS.get(role, f"is no {role}")
        return [Diagnostic((role,), f"{tools[name].title} {lacks}", f"write one of {', '.join(offering)}")]
    if name not in given:
        return [Diagnostic((role,), f"{name!r} is not connected", f"add {name}: with its credentials to tools")]
    return []


def _billed_twice(billing: str | None, given: Mapping[str, Connection]) -> list[Diagnostic]:
    """Terms that are made of what is billed already would be billed once more."""
    if billing is None:
        return []
    text = f"with billing: {billing}, contract terms made of what {{}} bills would be billed once more"
    remedy = "leave it out, and have contracts told by whoever signs them; or leave billing: out"
    found = [(name, one.makes_terms_of_what_it_bills) for name, one in given.items()]
    return [
        Diagnostic(("tools", name, "settings", setting), text.format(name), remedy)
        for name, setting in found
        if setting
    ]


class _WithoutValues(Json):
    """The words of YAML, without what is written: it may be a secret."""

    field = "key"
    mapping = "a mapping"
