"""``key create``, ``key list``, ``key rotate`` and ``key revoke``."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from starter.commands.messages import AsJson
from starter.printing import aside, counted, moment, out, print_rows, say_json

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
    _tell(_run(lambda store: api_keys.create(store, wanted, by=_who(), now=datetime.now(UTC))), as_json=as_json)


@app.command("list")
def list_keys(
    every: Annotated[bool, typer.Option("--all", help="Also those that were revoked, or have expired.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the keys, the newest first. Those of the environment are not among them."""
    from store import api_keys

    found = _run(lambda store: api_keys.list_keys(store, good_at=None if every else datetime.now(UTC)))
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
    made = _run(lambda store: api_keys.rotate(store, key_id, overlap=overlap, by=_who(), now=datetime.now(UTC)))
    _tell(made, as_json=as_json)


@app.command()
def revoke(key_id: KeyId, as_json: AsJson = False) -> None:
    """Take a key back, for good. Gateways hear of it within seconds."""
    from store import api_keys

    revoked = _run(lambda store: api_keys.revoke(store, key_id, by=_who(), now=datetime.now(UTC)))
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


def _who() -> str:
    """Who is at the command line, as the machine knows them."""
    try:
        return f"command-line:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "command-line"


def _run(work: Callable[[Store], Awaitable[T]]) -> T:
    async def running() -> T:
        async with _store() as store:
            return await work(store)

    return asyncio.run(running())


@asynccontextmanager
async def _store() -> AsyncIterator[Store]:
    from runtime.settings import Settings
    from store.database import Store

    store = Store.existing(Settings().database_url)
    try:
        await store.check_migrated()
        yield store
    finally:
        await store.close()
