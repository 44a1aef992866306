"""``repair deals`` and ``repair intake``, for after a restore."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from starter.commands.messages import AsJson
from starter.moments import with_its_zone
from starter.printing import aside, counted, out, say_json
from starter.store import matching_store

if TYPE_CHECKING:
    from starter.repair.deal_repair import Findings
    from starter.repair.run import RepairOptions, Report

app = typer.Typer(
    help="Put right what a restored backup has torn apart. Stop all workers first: docs/operations.md.",
    no_args_is_help=True,
)
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it, only say what is to be done.")]
_NOTHING = "Nothing was changed: add --yes to do it."


@app.command()
def deals(
    store_from: Annotated[
        datetime | None,
        typer.Option(
            help="The store was restored, and is a copy made at this time (with its zone: 2026-11-25T03:00:00Z).",
            parser=with_its_zone,
            metavar="TIME",
        ),
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Bring the store in line with what Temporal knows of each deal.

    Exit code 1: something is to be done and was not.
    """
    from integrations.registry import connections_at
    from runtime.settings import Settings
    from starter.repair.run import RepairOptions

    settings = Settings()
    connections = connections_at(settings.connections)
    options = RepairOptions(
        store_from=store_from, repair=yes, crm_in_store=connections.crm is None,
        chat_in_store=settings.chat_webhook_url is None and connections.chat is None,
    )  # fmt: skip
    report = asyncio.run(_run_repair(options))
    if as_json:
        say_json({"done": yes, **_document(report)})
    else:
        _print(report, done=yes)
    if report.failed or (report.found and not yes):
        raise typer.Exit(1)


@app.command()
def intake(
    since: Annotated[
        datetime,
        typer.Option(
            help="When Temporal's copy was made (with its zone: 2026-11-25T03:00:00Z).",
            parser=with_its_zone,
            metavar="TIME",
        ),
    ],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Let the gateway pass on again what webhooks brought since a time. Deals take each fact once, by its id."""
    from store import repairs

    async def redelivering() -> int:
        async with matching_store() as (_, store):
            if yes:
                return await repairs.redeliver(store, since, datetime.now(UTC))
            return await repairs.delivered_since(store, since)

    number = asyncio.run(redelivering())
    if as_json:
        say_json({"done": yes, "events": number})
    elif yes:
        out.print(f"{counted(number, 'event')} waiting for the gateway, which passes on the oldest first.")
    else:
        out.print(f"{counted(number, 'event')} to be passed on again. {_NOTHING if number else ''}".rstrip())


async def _run_repair(options: RepairOptions) -> Report:
    from starter.repair.run import repair_all

    async with matching_store() as (client, store):
        with Progress(console=aside, transient=True, disable=not aside.is_terminal) as bar:
            task = bar.add_task("Reading histories", total=None)
            return await repair_all(
                client, store, options, lambda done, of: bar.update(task, completed=done, total=of, refresh=done == of)
            )


def _print(report: Report, *, done: bool) -> None:
    for found in report.found:
        out.print(f"{found.deal_id}: {_in_words(found)}", soft_wrap=True)
        for line in found.aside:
            out.print(f"  aside {line.number}: {line.sentence}", soft_wrap=True)
        for effect in found.uncertain:
            out.print(f"  uncertain {effect.id}: {effect.summary}", soft_wrap=True)
    for deal_id, why in report.failed.items():
        out.print(f"{deal_id}: not done: {why}", soft_wrap=True)
    if report.without_workflow:
        out.print(
            "In the journal, without an end, and unknown to Temporal (opened after its copy was made, or terminated): "
            + ", ".join(report.without_workflow),
            soft_wrap=True,
        )
    out.print(f"{counted(report.examined, 'deal')} examined, {len(report.found)} with something to put right.")
    if report.found:
        out.print("Done." if done else _NOTHING)


def _in_words(found: Findings) -> str:
    parts = (
        (len(found.aside), "journal line to set aside", "journal lines to set aside"),
        (len(found.missing), "journal line to write again", "journal lines to write again"),
        (len(found.forgotten), "effect to record again", "effects to record again"),
        (len(found.uncertain), "effect that may have gone out", "effects that may have gone out"),
    )
    return ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in parts if number)


def _document(report: Report) -> dict[str, object]:
    return {
        "examined": report.examined,
        "deals": [
            {
                "deal_id": found.deal_id,
                "set_aside": [
                    {"number": line.number, "kind": line.kind, "text": line.sentence} for line in found.aside
                ],
                "written_again": [entry.number for _, entry in found.missing],
                "recorded_again": [outcome.effect for outcome, _ in found.forgotten],
                "uncertain": [effect.id for effect in found.uncertain],
            }
            for found in report.found
        ],
        "failed": report.failed,
        "without_workflow": report.without_workflow,
    }
