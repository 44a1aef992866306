"""``playbook list``, ``playbook history`` and ``playbook diff``."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from starter.bundle_references import HOW, read_bundle
from starter.commands import playbook_adopt, playbook_impact
from starter.commands.messages import AsJson
from starter.printing import counted, moment, out, print_rows, say_json
from starter.store import opened_store

if TYPE_CHECKING:
    from dealwright.playbook.differences.difference import Difference
    from store.bundles import Published

SHORT = 12
"""Characters of a hash that people read."""


def add_to(app: typer.Typer) -> None:
    """Add the commands, and those that tell of, or make, the way from one version to another."""
    app.command("list")(list_playbooks)
    app.command("history")(history)
    app.command("diff")(diff)
    playbook_impact.add_to(app)
    playbook_adopt.add_to(app)


def list_playbooks(as_json: AsJson = False) -> None:
    """List the published playbooks, and how many open deals follow each version.

    A deal counts for the version that its journal says it follows. Versions that no open deal follows, and that are
    not the newest of their name, are left out: `playbook history` has them.
    """
    rows = asyncio.run(_listed())
    if as_json:
        say_json(rows)
        return
    columns = ("playbook", "hash", "new deals", "published", "by", "open deals")
    lines = [
        (
            str(row["playbook"]),
            str(row["bundle"])[:SHORT],
            "follow it" if row["newest"] else "",
            _moment(row["published_at"]),
            str(row["published_by"] or ""),
            str(row["open_deals"]),
        )
        for row in rows
    ]
    print_rows(counted(len({row["playbook"] for row in rows}), "playbook"), columns, lines)


async def _listed() -> list[dict[str, object]]:
    from store import bundles
    from store.followers import followers

    async with opened_store() as store:
        newest, deals = await bundles.published(store), await followers(store)
        rows = []
        for one in newest:
            older = {each.hash: each for each in await bundles.versions(store, one.name) if each.hash in deals}
            rows += [_row(one, deals, newest=True)]
            rows += [_row(each, deals, newest=False) for each in older.values() if each.hash != one.hash]
    return rows


def _row(one: Published, deals: dict[str, int], *, newest: bool) -> dict[str, object]:
    return {
        "playbook": one.name,
        "bundle": one.hash,
        "newest": newest,
        "published_at": one.published_at.isoformat(),
        "published_by": one.published_by,
        "open_deals": deals.get(one.hash, 0),
    }


def _moment(told: object) -> str:
    return moment(datetime.fromisoformat(str(told)))


def history(
    name: Annotated[str, typer.Argument(help="The playbook's name, such as b2b-saas.")], as_json: AsJson = False
) -> None:
    """Tell the versions of a playbook, the newest first, with their numbers: `NAME@2` is the second one."""
    rows = asyncio.run(_history(name))
    if as_json:
        say_json(rows)
        return
    columns = ("version", "hash", "published", "by", "open deals")
    lines = [
        (
            str(row["version"]),
            str(row["bundle"])[:SHORT],
            _moment(row["published_at"]),
            str(row["published_by"] or ""),
            str(row["open_deals"]),
        )
        for row in reversed(rows)
    ]
    print_rows(f"{name}: {counted(len(rows), 'version')}", columns, lines)


async def _history(name: str) -> list[dict[str, object]]:
    from store import bundles
    from store.followers import followers

    async with opened_store() as store:
        known, deals = await bundles.versions(store, name), await followers(store)
    rows = [_row(one, deals, newest=number == len(known)) for number, one in enumerate(known, 1)]
    return [{"version": number, **row} for number, row in enumerate(rows, 1)]


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help=f"One playbook: {HOW}.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The other one, named in the same way.")],
    as_json: AsJson = False,
) -> None:
    """Tell in words in what playbook B differs from playbook A, part by part, by their names."""
    first, second, found = asyncio.run(_compared(before, after))
    if as_json:
        told = [one.model_dump(mode="json") for one in found]
        say_json({"from": first, "to": second, "differences": told})
        return
    for one in found:
        out.print(one.text, soft_wrap=True)
    out.print(f"{counted(len(found), 'difference')} between {first['said']} and {second['said']}.", soft_wrap=True)


async def _compared(before: str, after: str) -> tuple[dict[str, str], dict[str, str], tuple[Difference, ...]]:
    from dealwright.playbook.differences.compare import Bundle, compare

    old, new = await read_bundle(before), await read_bundle(after)
    found = compare(Bundle(old.playbook, old.files), Bundle(new.playbook, new.files))
    first, second = ({"playbook": one.playbook.playbook, "bundle": one.hash, "said": one.said} for one in (old, new))
    return first, second, found
