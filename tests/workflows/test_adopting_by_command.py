"""``playbook impact``, ``adopt``, ``adopt --back`` and ``adoptions``, given at the command line on a real server."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import pytest

from dealwright.commands import Close
from dealwright.facts import DemoHeld
from starter.app import run
from store import adoptions
from tests.temporal_environment import wait_until
from tests.workflows.test_many_deals_adopt import LATER, RENAMED, in_their_cadence, version_of
from tests.workflows.world import STEADY, World

pytestmark = pytest.mark.server
RECAP = ("do: [{email: recap, marketing: false}]", "do: [{email: recap, marketing: false, name: thanks}]")
QUICK = ("--rate", "50/s")
_HEARS_CTRL_C = """\
import signal
from starter.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""The command as a terminal starts it: what a shell starts in the background, tests and all, is deaf to Ctrl-C."""
CommandLine: TypeAlias = Callable[..., Awaitable[str]]


@pytest.fixture
def command(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Gives a command of ``playbook`` to the world, expects the exit code, and returns what was printed."""
    monkeypatch.setenv("DATABASE_URL", world.settings.database_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", world.client.service_client.config.target_host)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", world.client.namespace)

    async def give(*arguments: str, code: int = 0) -> str:
        ended = await asyncio.to_thread(run, ["playbook", *arguments])
        printed = capsys.readouterr()
        assert ended == code, printed.err
        return printed.out if code < 2 else printed.err

    return give


async def told(command: CommandLine, *arguments: str, code: int = 0) -> Any:
    return json.loads(await command(*arguments, "--json", code=code))


async def bundles_of(world: World, deal_ids: list[str]) -> set[str | None]:
    return {(await world.deals.snapshot(deal_id)).bundle for deal_id in deal_ids}


async def test_impact_says_what_would_change_for_each_deal_and_changes_nothing(
    world: World, command: CommandLine
) -> None:
    first, wanted = await version_of(world, LATER)
    ids = await in_their_cadence(world, 2)

    looked = await told(command, "impact", wanted.bundle, *QUICK)

    ours = [one for one in looked["impacts"] if one["deal_id"] in ids]
    touches = [[each for each in one["changes"] if each["kind"] == "touch"] for one in ours]
    assert [[(each["what"], each["name"]) for each in one] for one in touches] == [[("moved", "three")]] * 2
    assert (looked["playbook"], looked["bundle"]) == (STEADY, wanted.bundle)
    assert await bundles_of(world, ids) == {first}


async def test_people_read_the_impact_by_kind_and_deal_by_deal(world: World, command: CommandLine) -> None:
    _, wanted = await version_of(world, LATER)
    (deal_id,) = await in_their_cadence(world, 1)

    said = await command("impact", wanted.bundle[:12], *QUICK)

    assert f"that would follow {STEADY} ({wanted.bundle[:12]})" in said
    assert "By kind" in said
    assert any(line.startswith(deal_id) and "three" in line for line in said.splitlines())


async def test_a_dry_run_says_what_impact_says_of_the_named_deals_and_begins_no_run(
    world: World, command: CommandLine
) -> None:
    first, wanted = await version_of(world, LATER)
    ids = await in_their_cadence(world, 1)
    before = len(await adoptions.runs(world.store))

    looked = await told(command, "adopt", wanted.bundle, "--deals", ids[0], "--dry-run", *QUICK)

    assert [one["deal_id"] for one in looked["impacts"]] == ids
    assert {"kind": "touch", "what": "moved", "name": "three", "changes": 1, "deals": 1} in looked["by_kind"]
    assert (len(await adoptions.runs(world.store)), await bundles_of(world, ids)) == (before, {first})


async def test_deals_adopt_are_listed_and_go_back(world: World, command: CommandLine) -> None:
    first, wanted = await version_of(world, LATER)
    ids = await in_their_cadence(world, 2)

    adopted = await told(command, "adopt", wanted.bundle, "--deals", ",".join(ids), "--why", "one day more", *QUICK)
    assert (adopted["counts"], adopted["to_do"], adopted["why"]) == ({"adopted": 2}, 0, "one day more")
    assert await bundles_of(world, ids) == {wanted.bundle}

    newest = (await told(command, "adoptions"))[0]
    assert (newest["run"], newest["bundle"], newest["counts"]) == (adopted["run"], wanted.bundle, {"adopted": 2})

    back = await told(command, "adopt", "--back", adopted["run"], *QUICK)
    assert back["counts"] == {"went_back": 2}
    assert await bundles_of(world, ids) == {first}


async def test_whoever_lets_deals_adopt_is_told_the_way_back(world: World, command: CommandLine) -> None:
    _, wanted = await version_of(world, LATER)
    (deal_id,) = await in_their_cadence(world, 1)

    said = await command("adopt", wanted.bundle, "--deals", deal_id, *QUICK)
    (newest, _), *_ = await adoptions.runs(world.store)

    assert f"Run {newest.run}, {STEADY} ({wanted.bundle[:12]}): 1 adopted.\n" in said
    assert f"The way back: dealwright playbook adopt --back {newest.run}\n" in said
    assert f"{newest.run}  {STEADY}" in await command("adoptions")


async def test_from_their_next_stage_on_deals_only_plan_it(world: World, command: CommandLine) -> None:
    first, wanted = await version_of(world, LATER)
    (deal_id,) = await in_their_cadence(world, 1)

    planned = await told(command, "adopt", wanted.bundle, "--deals", deal_id, "--when", "next-stage", *QUICK)

    seen = await world.deals.snapshot(deal_id)
    assert planned["counts"] == {"planned": 1}
    assert (seen.bundle, seen.adopts_at_next_stage) == (first, wanted.bundle)


async def test_a_deal_that_is_over_or_was_never_there_is_told_and_holds_up_no_other(
    world: World, command: CommandLine
) -> None:
    _, wanted = await version_of(world, LATER)
    over, open_ = await in_their_cadence(world, 2)
    await world.deals.command(over, Close(by="Ana", outcome="lost", why="They said no"))

    adopted = await told(command, "adopt", wanted.bundle, "--deals", f"{over} {open_} nobodys-deal", *QUICK)

    states = {one["deal_id"]: one["state"] for one in adopted["deals"]}
    assert states.pop(over) in {"refused", "gone"}  # the latter once its workflow has ended
    assert states == {open_: "adopted", "nobodys-deal": "gone"}


async def test_a_deal_that_has_sent_because_of_the_new_version_does_not_go_back(
    world: World, command: CommandLine
) -> None:
    _, wanted = await version_of(world, RENAMED, RECAP)
    (deal_id,) = await in_their_cadence(world, 1)
    adopted = await told(command, "adopt", wanted.bundle, "--deals", deal_id, *QUICK)
    await world.deals.record(deal_id, DemoHeld(id="d"))
    await world.see(deal_id, lambda _: len(world.letters(deal_id)) == 2)

    back = await told(command, "adopt", "--back", adopted["run"], *QUICK)

    assert back["counts"] == {"left": 1}
    assert await bundles_of(world, [deal_id]) == {wanted.bundle}


async def test_a_run_that_nobody_began_cannot_go_back(command: CommandLine) -> None:
    assert "no-such-run" in await command("adopt", "--back", "no-such-run", code=2)


async def test_deals_must_be_named(command: CommandLine) -> None:
    assert "--deals" in await command("adopt", f"{STEADY}@latest", code=2)


async def test_what_ctrl_c_breaks_off_goes_on_with_the_same_command(world: World, command: CommandLine) -> None:
    _, wanted = await version_of(world, LATER)
    ids = await in_their_cadence(world, 3)
    given = ("adopt", wanted.bundle, "--deals", ",".join(ids))
    slowly = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HEARS_CTRL_C, "playbook", *given, "--rate", "1/m",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip

    async def has_begun() -> bool:
        (newest, counts), *_ = [*await adoptions.runs(world.store), (None, {})]
        return newest is not None and ids[0] in str(newest.which) and counts.get("adopted", 0) > 0

    await wait_until(has_begun)
    slowly.send_signal(signal.SIGINT)
    await slowly.communicate()
    (broken_off, counts), *_ = await adoptions.runs(world.store)

    adopted = await told(command, *given, *QUICK)

    assert slowly.returncode != 0
    assert counts["adopted"] < 3
    assert (adopted["run"], adopted["counts"], adopted["to_do"]) == (broken_off.run, {"adopted": 3}, 0)
    assert await bundles_of(world, ids) == {wanted.bundle}
