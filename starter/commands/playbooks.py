"""``playbook check`` and ``playbook publish``; the other commands about playbooks join them here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from starter.audit_entries import who_is_here
from starter.commands import playbook_versions
from starter.commands.messages import AsJson
from starter.playbook_folder import files_in, folder_of
from starter.printing import counted, documents, out, say_json

if TYPE_CHECKING:
    from dealwright.diagnostics.diagnostic import Diagnostic

app = typer.Typer(help="Check and publish playbooks.", no_args_is_help=True)
playbook_versions.add_to(app)
Folder = Annotated[Path, typer.Argument(help="The playbook's folder, with playbook.yaml and templates/.")]


@app.command()
def check(folder: Folder, as_json: AsJson = False) -> None:
    """Check a playbook: what is wrong, with file, line and remedy, and what can never happen."""
    from dealwright.playbook.loading import check_bundle

    files = files_in(folder)
    found = _placed(check_bundle(files), folder)
    errors = sum(one.severity == "error" for one in found)
    if as_json:
        say_json({"ok": not errors, "diagnostics": documents(found)})
    else:
        _print(found)
        out.print(f"{counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}.")
    if errors:
        raise typer.Exit(1)


@app.command()
def publish(folder: Folder, as_json: AsJson = False) -> None:
    """Put a playbook into the store. New deals follow it; running ones keep theirs until they adopt it."""
    from dealwright.playbook.loading import BadPlaybook, load_bundle
    from runtime.settings import Settings
    from store import bundles
    from store.database import Store

    files = files_in(folder)
    try:
        playbook = load_bundle(files)
    except BadPlaybook as error:
        found = _placed(error.diagnostics, folder)
        if as_json:
            say_json({"ok": False, "diagnostics": documents(found)})
        else:
            _print(found)
            out.print("Nothing was published.")
        raise typer.Exit(1) from None

    async def publishing() -> str:
        store = Store.existing(Settings().database_url)
        try:
            await store.check_migrated()
            return await bundles.publish(store, playbook.playbook, files, by=who_is_here())
        finally:
            await store.close()

    bundle = asyncio.run(publishing())
    if as_json:
        say_json({"playbook": playbook.playbook, "bundle": bundle})
    else:
        out.print(f"{playbook.playbook} is published as {bundle[:12]}.")


def _placed(found: Sequence[Diagnostic], folder: Path) -> list[Diagnostic]:
    """The diagnostics with the path of each file, as somebody in this working directory opens it."""
    placed = []
    for one in found:
        at = one.location and replace(one.location, file=str(folder_of(folder) / one.location.file))
        placed.append(replace(one, location=at))
    return placed


def _print(found: Sequence[Diagnostic]) -> None:
    for one in found:
        out.print(f"{one.severity}: {one}", soft_wrap=True)
