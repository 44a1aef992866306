"""``key create``, ``key list``, ``key rotate`` and ``key revoke``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from starter.audit_entries import leave_entry, who_is_here
from starter.commands.messages import AsJson
from starter.printing import aside, counted, moment, out, print_rows, say_json
from starter.store import opened_store

if TYPE_CHECKING:
    from store.api_keys import ApiKey, MadeKey
    from store.database import Store

T = TypeVar("T")
app = typer.Typer(help="Make, list, replace and revoke keys of the HTTP API.", no_args_is_help=True)
KeyId = Annotated[str, typer.Argument(help="The key's id, as `key list` has it.")]
_ONCE = "This is told once, and kept nowhere. It opens the API within seconds."


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Of the service, or of what the person uses the key for.")],
    scope: Annotated[
        list[str], typer.Option(help="open, tell, command, approve, read, link or admin; repeat it for several.")
    ],
    acts_for: Annotated[str | None, typer.Option(help="The e-mail address of the person whose key it is.")] = None,
    may_speak_for: Annotated[
        list[str] | None,
        typer.Option(help="In whose name a service may give commands: e-mail addresses, or a domain as @example.com."),
    ] = None,
    days: Annotated[int, typer.Option(help="For how many days it is good.")] = 365,
    as_json: AsJson = False,
) -> None:
    """Make a key, for a service or for a person. Exit code 1: the name is taken."""
    from dealwright.validation.reading import read_fields
    from store import api_keys

    given = {
        "name": name, "scopes": scope, "acts_for": acts_for, "may_speak_for": may_speak_for or (), "days": days,
    }  # fmt: skip
    wanted = read_fields(api_keys.NewKey, given)
    made = _changing(
        "create_key", lambda store, by: api_keys.create(store, wanted, by=by, now=datetime.now(UTC)), _id_of
    )
    _tell(asyncio.run(made), as_json=as_json)


@app.command("list")
def list_keys(
    every: Annotated[bool, typer.Option("--all", help="Also those that were revoked, or have expired.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the keys, the newest first. Those of the environment are not among them."""
    found = asyncio.run(_listed(every=every))
    if as_json:
        say_json([key.model_dump(mode="json") for key in found])
        return
    rows = [(one.id, one.name, ", ".join(one.scopes), _speaks_for(one), _good_until(one)) for one in found]
    print_rows(counted(len(rows), "key"), ("id", "name", "scopes", "speaks for", "good until"), rows)


@app.command()
def rotate(
    key_id: KeyId,
    overlap_hours: Annotated[int, typer.Option(min=0, max=720, help="Hours that the old one is good besides.")] = 24,
    as_json: AsJson = False,
) -> None:
    """Replace a key: the new one may do the same, for as long."""
    from store import api_keys

    overlap = timedelta(hours=overlap_hours)
    made = _changing(
        "rotate_key",
        lambda store, by: api_keys.rotate(store, key_id, overlap=overlap, by=by, now=datetime.now(UTC)),
        _id_of,
    )
    _tell(asyncio.run(made), as_json=as_json)


@app.command()
def revoke(key_id: KeyId, as_json: AsJson = False) -> None:
    """Take a key back, for good. Gateways hear of it within seconds."""
    from store import api_keys

    taking = _changing(
        "revoke_key", lambda store, by: api_keys.revoke(store, key_id, by=by, now=datetime.now(UTC)), lambda key: key.id
    )
    revoked = asyncio.run(taking)
    if as_json:
        say_json(revoked.model_dump(mode="json"))
    else:
        out.print(f"The key {revoked.id} ({revoked.name}) is revoked.", soft_wrap=True)


def _tell(made: MadeKey, *, as_json: bool) -> None:
    if as_json:
        say_json({"key": made.key, "about": made.about.model_dump(mode="json")})
        return
    out.print(made.key, soft_wrap=True)
    about = made.about
    aside.print(f"{about.name} ({about.id}), {', '.join(about.scopes)}, good until {_good_until(about)}. {_ONCE}")


def _speaks_for(key: ApiKey) -> str:
    return key.acts_for or ", ".join(("itself", *key.may_speak_for))


def _good_until(key: ApiKey) -> str:
    return f"revoked at {moment(key.revoked_at)}" if key.revoked_at else moment(key.expires_at)


async def _changing(operation: str, change: Callable[[Store, str], Awaitable[T]], id_of: Callable[[T], str]) -> T:
    """Do something with the store, and leave an entry in the audit trail."""
    by = who_is_here()
    async with opened_store() as store:
        done = await change(store, by)
        await leave_entry(store, operation, id_of(done), by)
    return done


async def _listed(*, every: bool) -> list[ApiKey]:
    from store import api_keys

    async with opened_store() as store:
        return await api_keys.list_keys(store, good_at=None if every else datetime.now(UTC))


def _id_of(made: MadeKey) -> str:
    return made.about.id
