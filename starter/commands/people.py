"""``people list``, ``show``, ``set`` and ``reset``: how people are told of their work. ``people away`` and ``back``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from dealwright.preferences import ChosenPreferences
from dealwright.validation.reading import read_fields
from dealwright.values.addresses import complaint_about_address, normal
from starter.audit_entries import leave_entry, who_is_here
from starter.commands.messages import AsJson
from starter.fields import read_fields as fields_of
from starter.moments import in_utc
from starter.printing import counted, moment, out, print_rows, say, say_json
from starter.store import opened_store

if TYPE_CHECKING:
    from store.work_messages import WorkMessage

app = typer.Typer(help="Say how people are told of their work, and what they were told.", no_args_is_help=True)
Address = Annotated[str, typer.Argument(help="The person, by e-mail address.")]
_COLUMNS = ("channel", "delivery", "digest_at", "timezone", "holidays")


@app.command("list")
def list_people(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 1000, as_json: AsJson = False
) -> None:
    """List who chose how to be told; for all others the installation's default holds."""
    found = asyncio.run(_everybody(limit))
    if as_json:
        say_json({person: chosen.model_dump(mode="json", exclude_none=True) for person, chosen in found.items()})
        return
    rows = [(person, *_cells(chosen)) for person, chosen in found.items()]
    print_rows(f"{counted(len(found), 'choice')}", ("person", *_names()), rows)


@app.command()
def show(person: Address, as_json: AsJson = False) -> None:
    """Show how a person is told of their work, and what became of the last messages to them."""
    from runtime.settings import Settings

    address = _address(person)
    chosen, messages = asyncio.run(_read(address))
    holds = Settings().work_preferences.with_chosen(chosen)
    if as_json:
        say_json(
            {
                "person": address,
                "chosen": chosen.model_dump(mode="json", exclude_none=True),
                "preferences": holds.model_dump(mode="json"),
                "messages": [one.model_dump(mode="json") for one in messages],
            }
        )
        return
    by_default = [name for name in _COLUMNS if getattr(chosen, name) is None]
    for name in _COLUMNS:
        value = getattr(holds, name) or "none"
        out.print(f"{name.replace('_', ' ')}: {value}{' (by default)' if name in by_default else ''}")
    rows = [(moment(one.planned_at), one.digest_on or "", one.state, one.channel, one.reason) for one in messages]
    print_rows(counted(len(rows), "message"), ("when", "digest of", "state", "channel", "why"), rows)


@app.command("set")
def set_preferences(
    person: Address,
    fields: Annotated[
        list[str],
        typer.Argument(
            help="What changes, as name=value: channel=mail|slack|none, delivery=at_once|digest, digest_at=08:00, "
            "timezone=Europe/Berlin, holidays=DE-BE."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Say how a person is told. What is left out stays as it was."""
    address, wanted = _address(person), fields_of(fields, ChosenPreferences)
    read_fields(ChosenPreferences, wanted)
    chosen = asyncio.run(_choose(address, wanted))
    document = {"person": address, "chosen": chosen.model_dump(mode="json", exclude_none=True)}
    say(as_json, document, f"{address} chose {', '.join(f'{name} {value}' for name, value in chosen if value)}.")


@app.command()
def reset(person: Address, as_json: AsJson = False) -> None:
    """Let the installation's default hold for a person again. Exit code 1: they had chosen nothing."""
    address = _address(person)
    gone = asyncio.run(_forget(address))
    said = "is told as all others are" if gone else "had chosen nothing: nothing was changed"
    say(as_json, {"person": address, "reset": gone}, f"{address} {said}.")
    if not gone:
        raise typer.Exit(1)


@app.command()
def away(
    person: Address,
    until: Annotated[
        datetime,
        typer.Option(parser=in_utc, metavar="TIME", help="When they are back: a day or a time, in UTC."),
    ],
    since: Annotated[
        datetime | None,
        typer.Option(parser=in_utc, metavar="TIME", help="From when on they are away; by default, from now on."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say that somebody is away: until they are back, pools give their deals to others."""
    address, now = _address(person), datetime.now(UTC)
    asyncio.run(_leave(address, since or now, until, now))
    say(as_json, {"person": address, "until": until.isoformat()}, f"{address} is away until {moment(until)}.")


@app.command()
def back(person: Address, as_json: AsJson = False) -> None:
    """Say that somebody is back, or will not be away. Exit code 1: nobody had said that they are."""
    address = _address(person)
    gone = asyncio.run(_return(address))
    said = "gets deals again" if gone else "was not away: nothing was changed"
    say(as_json, {"person": address, "back": gone}, f"{address} {said}.")
    if not gone:
        raise typer.Exit(1)


def _address(person: str) -> str:
    if complaint := complaint_about_address(person):
        raise typer.BadParameter(f"{person!r} is no e-mail address: {complaint}")
    return normal(person)


def _names() -> tuple[str, ...]:
    return tuple(name.replace("_", " ") for name in _COLUMNS)


def _cells(chosen: ChosenPreferences) -> tuple[str | None, ...]:
    return tuple(getattr(chosen, name) for name in _COLUMNS)


async def _everybody(limit: int) -> dict[str, ChosenPreferences]:
    from store import preferences

    async with opened_store() as store:
        return await preferences.everybody(store, limit=limit)


async def _read(person: str) -> tuple[ChosenPreferences, list[WorkMessage]]:
    from store import preferences, work_messages

    async with opened_store() as store:
        return await preferences.chosen_by(store, person), await work_messages.recent(store, person)


async def _choose(person: str, wanted: dict[str, object]) -> ChosenPreferences:
    from store import preferences

    async with opened_store() as store:
        before = await preferences.chosen_by(store, person)
        chosen = read_fields(ChosenPreferences, before.model_dump(exclude_none=True) | wanted)
        await preferences.choose(store, person, chosen, by=who_is_here(), now=datetime.now(UTC))
        await leave_entry(store, "choose_preferences", person, who_is_here())
        return chosen


async def _forget(person: str) -> bool:
    from store import preferences

    async with opened_store() as store:
        gone = await preferences.forget(store, person)
        if gone:
            await leave_entry(store, "forget_preferences", person, who_is_here())
        return gone


async def _leave(person: str, since: datetime, until: datetime, now: datetime) -> None:
    from store import people_away

    async with opened_store() as store:
        try:
            await people_away.say_away(store, person, since, until, by=who_is_here(), now=now)
        except people_away.NoTimeAway as error:
            raise typer.BadParameter(f"{error}: give a later --until") from error
        await leave_entry(store, "say_away", person, who_is_here())


async def _return(person: str) -> bool:
    from store import people_away

    async with opened_store() as store:
        gone = await people_away.say_back(store, person)
        if gone:
            await leave_entry(store, "say_back", person, who_is_here())
        return gone
