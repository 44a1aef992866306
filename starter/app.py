"""The Typer app: all commands, and errors as one line and an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer
from rich.text import Text

from dealwright.client.errors import DealError, WrongConnection
from dealwright.diagnostics.diagnostic import BadInput
from dealwright.identity import BadDealId
from dealwright.validation.errors import BadDeal
from starter.commands import (
    audit,
    doctor,
    experiments,
    installation,
    integration,
    keys,
    links,
    messages,
    people,
    playbooks,
    pools,
    processes,
    repair,
    secrets,
    show,
    subscriptions,
    suppression,
    tools,
    work,
)
from starter.printing import aside, documents, say_json

app = typer.Typer(
    name="dealwright",
    help="Durable sales deals: every deal one long-lived Temporal workflow.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dealwright {metadata.version('dealwright')}")
        raise typer.Exit


@app.callback()
def about(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version, and end.")
    ] = False,
) -> None:
    """Durable sales deals: every deal one long-lived Temporal workflow."""


messages.add_to(app)
show.add_to(app)
work.add_to(app)
processes.add_to(app)
installation.add_to(app)
audit.add_to(app)
doctor.add_to(app)
experiments.add_to(app)
tools.add_to(integration.app)
app.add_typer(integration.app, name="integration")
app.add_typer(keys.app, name="key")
app.add_typer(links.app, name="link")
app.add_typer(people.app, name="people")
app.add_typer(playbooks.app, name="playbook")
app.add_typer(pools.app, name="pool")
app.add_typer(repair.app, name="repair")
app.add_typer(secrets.app, name="secret")
app.add_typer(subscriptions.app, name="subscription")
app.add_typer(suppression.app, name="suppression")


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 refused or not found, 2 wrongly called or not set up."""
    try:
        app(list(arguments))
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 1
    except KeyboardInterrupt:
        return 130
    except (DealError, BadDeal, BadDealId) as error:
        _print(error, as_json="--json" in arguments)
        return 2 if isinstance(error, WrongConnection) else 1
    except processes.expected_errors() as error:
        _print(error, as_json="--json" in arguments)
        return 1 if isinstance(error, processes.refusals()) else 2
    return 0


def _print(error: BaseException, *, as_json: bool) -> None:
    from store.errors import StoreAway

    said = str(error)
    if isinstance(error, StoreAway):  # its own words are those of a process that tries again
        said = f"The database does not answer ({error.said}). Start it, or set DATABASE_URL to another one"
    if as_json:
        diagnostics = documents(error.diagnostics) if isinstance(error, BadInput) else []
        say_json({"ok": False, "error": said, "diagnostics": diagnostics})
    aside.print(Text.assemble(("dealwright: ", "red"), said), soft_wrap=True)
