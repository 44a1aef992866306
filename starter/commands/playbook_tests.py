"""``playbook test`` and ``playbook try``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from starter.commands.messages import AsJson
from starter.playbooks.files import Folder, print_diagnostics
from starter.printing import documents, out, say_json

if TYPE_CHECKING:
    from dealwright.diagnostics.diagnostic import BadInput

_MISTAKE = 2
"""The exit code when a file has a mistake: no test was run."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("test")(run_tests)
    app.command("try")(show_timeline)


def run_tests(
    folder: Folder,
    named: Annotated[str | None, typer.Option("-k", help="Only the tests whose name has these words in it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the tests beside a playbook (tests.yaml): exit code 1 if one is red, 2 if a file has a mistake."""
    from starter.playbooks.folder import BadPlaybook, BadTests, PlaybookFolder
    from starter.playbooks.timelines import Timelines

    began = time.monotonic()
    try:
        read = PlaybookFolder.read(folder)
        tests = read.tests(named)
    except (BadPlaybook, BadTests) as error:
        end_with(error, as_json=as_json)
    results, timelines = [read.run(one) for one in tests], Timelines(read)
    red = [one for one in results if one.failures]
    passed = len(results) - len(red)
    if as_json:
        told = [timelines.result_document(one) for one in results]
        say_json({"ok": not red, "passed": passed, "failed": len(red), "tests": told})
    else:
        for one in results:
            out.print(f"{'FAIL' if one.failures else 'ok  '}  {one.written.test.name}", soft_wrap=True)
        for one in red:
            timelines.print_red(one)
        out.print(f"{passed} passed, {len(red)} failed in {time.monotonic() - began:.2f} s.")
    if red:
        raise typer.Exit(1)


def show_timeline(
    folder: Folder,
    facts: Annotated[
        Path | None,
        typer.Option("--facts", help="A file with given: and when:, as in tests.yaml: what the deal is told."),
    ] = None,
    test: Annotated[str | None, typer.Option("--test", help="The deal of the test of this name.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Until then, such as 2026-12-31.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the timeline of one deal under a playbook: when, what, to whom, by which rule, and why not."""
    from starter.playbooks.folder import BadPlaybook, BadTests, PlaybookFolder, followed_until
    from starter.playbooks.timelines import Timelines

    if facts is not None and test is not None:
        raise typer.BadParameter("write --facts or --test, not both")
    try:
        read = PlaybookFolder.read(folder)
        written = followed_until(read.occasion(facts) if test is None else read.test(test), until)
    except (BadPlaybook, BadTests) as error:
        end_with(error, as_json=as_json)
    lived, timelines = read.run(written).lived, Timelines(read)
    if as_json:
        say_json(timelines.lived_document(written.test.name, lived))
        return
    timelines.print_lived(lived)
    for one in lived.refused:
        at = written.location(*one.place)
        out.print(f"{at.file}:{at.line}: {one.what}: the deal did not take it: {one.why}", soft_wrap=True)
    if lived.circle is not None:
        out.print(lived.circle, soft_wrap=True)


def end_with(error: BadInput, *, as_json: bool) -> NoReturn:
    """Tell the mistakes of a file, and end."""
    if as_json:
        say_json({"ok": False, "diagnostics": documents(error.diagnostics)})
    else:
        print_diagnostics(error.diagnostics)
    raise typer.Exit(_MISTAKE)
