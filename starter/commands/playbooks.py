"""``playbook check`` and ``playbook publish``; the other commands about playbooks join them here."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from starter.audit_entries import who_is_here
from starter.commands import playbook_policies, playbook_show, playbook_tests, playbook_versions
from starter.commands.messages import AsJson
from starter.playbooks.files import Folder, beside, files_in, passed_over, placed, print_diagnostics
from starter.printing import counted, documents, out, say_json

if TYPE_CHECKING:
    from dealwright.diagnostics.diagnostic import Diagnostic
    from dealwright.playbook.language.model import Playbook

app = typer.Typer(help="Check, show, test, try, prove, compare and publish playbooks.", no_args_is_help=True)


@app.command()
def check(folder: Folder, as_json: AsJson = False) -> None:
    """Check a playbook, its tests and its policies: what is wrong, with file, line and remedy, what never happens."""
    from dealwright.playbook.loading import check_bundle

    files = files_in(folder)
    found = placed(check_bundle(files), folder)
    found += placed([*passed_over(folder), *_wrong_beside(folder, _readable(files))], folder)
    errors = sum(one.severity == "error" for one in found)
    if as_json:
        say_json({"ok": not errors, "diagnostics": documents(found)})
    else:
        print_diagnostics(found)
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
        found = placed(error.diagnostics, folder)
        if as_json:
            say_json({"ok": False, "diagnostics": documents(found)})
        else:
            print_diagnostics(found)
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


playbook_tests.add_to(app)
playbook_policies.add_to(app)
playbook_show.add_to(app)
playbook_versions.add_to(app)


def _readable(files: dict[str, str]) -> Playbook | None:
    """The playbook, if it can be read: what stands beside it is checked against it."""
    from dealwright.playbook.loading import BadPlaybook, load_bundle

    try:
        return load_bundle(files)
    except BadPlaybook:
        return None


def _wrong_beside(folder: Path, playbook: Playbook | None) -> tuple[Diagnostic, ...]:
    """What is wrong with the files beside the playbook."""
    from simulation.playbook_tests.reading import TESTS, check_tests
    from simulation.policies.reading import POLICIES, check_policies

    tests, policies = beside(folder, TESTS), beside(folder, POLICIES)
    return (
        *(check_tests(tests, playbook) if tests is not None else ()),
        *(check_policies(policies, playbook) if policies is not None else ()),
    )
