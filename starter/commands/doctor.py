"""``doctor``: looks at everything an installation needs, and says what is wrong and what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from starter.commands.messages import AsJson
from starter.printing import out, say_json

if TYPE_CHECKING:
    from integrations.kit.findings import Finding


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Look at settings, store, migrations, server, search attributes, mail, clocks, playbooks and connected tools.

    Nothing is changed and nothing is sent. Exit code 1 when there is a problem; warnings alone give 0.
    """
    from starter.checks.installation import check_installation

    tell(asyncio.run(check_installation()), as_json=as_json)


def tell(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print findings, and end with exit code 1 when one of them is a problem."""
    problems = sum(found.level == "problem" for found in findings)
    if as_json:
        say_json({"ok": not problems, "findings": [vars(found) for found in findings]})
    else:
        for found in findings:
            out.print(f"{found.level:<8} {found.about}: {found.says}", soft_wrap=True)
            if found.remedy and found.level != "ok":
                out.print(f"{'':<8} {found.remedy}.", soft_wrap=True)
    if problems:
        raise typer.Exit(1)
