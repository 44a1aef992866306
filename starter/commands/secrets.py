"""``secret encrypt`` and ``secret forget-unsubscribe-key``: the secrets that the store keeps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from starter.audit_entries import leave_entry, who_is_here
from starter.commands.messages import AsJson
from starter.printing import counted, out, say, say_json
from starter.store import opened_store

if TYPE_CHECKING:
    from store.database import Store

app = typer.Typer(help="Encrypt the secrets that the store keeps: docs/security.md.", no_args_is_help=True)


@app.command()
def encrypt(as_json: AsJson = False) -> None:
    """Encrypt what is in the clear or under an older key with the first key of DEALWRIGHT_TOKEN_KEY.

    Do it once every worker and gateway has that key. Exit code 1: there is no key, or a secret cannot be read.
    """
    from store.sealed_secrets import encrypt, sealing

    async def encrypting() -> tuple[int, int, bool]:
        async with opened_store() as store:
            if not store.seal:
                return 0, 0, False
            changed = await encrypt(store)
            if changed:
                await leave_entry(store, "encrypt_secrets", str(changed), who_is_here())
            return changed, sum(kind.unreadable for kind in await sealing(store)), True

    changed, unreadable, has_key = asyncio.run(encrypting())
    if as_json:
        say_json({"encrypted": changed, "unreadable": unreadable, "key": has_key})
    elif not has_key:
        out.print("DEALWRIGHT_TOKEN_KEY is not set: write into it what `openssl rand -base64 32` prints.")
    else:
        out.print(f"{counted(changed, 'secret')} encrypted.")
        if unreadable:
            out.print(f"{counted(unreadable, 'secret')} cannot be read with these keys: `dealwright doctor` says more.")
    if unreadable or not has_key:
        raise typer.Exit(1)


@app.command()
def forget_unsubscribe_key(as_json: AsJson = False) -> None:
    """Forget the key of unsubscribe links, where it was encrypted with a key that is lost.

    The next process makes a new one. Links in messages that were sent before open nothing then. Exit code 1: the key
    can be read, and stays.
    """
    from store import unsubscribe

    async def forgetting(store: Store) -> bool:
        gone = await unsubscribe.forget_unreadable(store)
        if gone:
            await leave_entry(store, "forget_unsubscribe_key", unsubscribe.NAME, who_is_here())
        return gone

    async def opening() -> bool:
        async with opened_store() as store:
            return await forgetting(store)

    gone = asyncio.run(opening())
    said = "It is forgotten. Restart workers and gateways." if gone else "It can be read, and stays."
    say(as_json, {"forgotten": gone}, said)
    if not gone:
        raise typer.Exit(1)
