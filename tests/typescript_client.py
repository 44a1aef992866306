"""The TypeScript client's types, as the API describes itself. ``python -m tests.typescript_client`` writes them.

Needs Node.js 20 or later. The tools come from npm, in the versions of ``clients/typescript/package-lock.json``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from filelock import FileLock

from dealwright.client.deal_client import DealClient
from gateway.api import create_app
from gateway.options import GatewayOptions
from store.database import Store

CLIENT = Path(__file__).parents[1] / "clients" / "typescript"
TOOLS = CLIENT / "node_modules"
SCHEMA = CLIENT / "src" / "schema.ts"
OLDEST = 20
"""The first Node.js with all that the client uses, as in its ``package.json``."""
LONGEST = 300
"""Seconds that one of npm's tools may take."""


def what_is_missing() -> str:
    """What this machine lacks for npm's tools; empty when nothing does."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"there is no {program} on this machine; Node.js {OLDEST} or later brings it"
    version = _output_of(["node", "--version"], CLIENT).strip()
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST:
        return f"Node.js is {version} on this machine; the client needs {OLDEST} or later"
    return ""


def install() -> None:
    """Have the tools in ``node_modules`` as the lock file names them. Whoever comes second waits for the first."""
    locked, installed = CLIENT / "package-lock.json", TOOLS / ".package-lock.json"
    with FileLock(CLIENT / ".install.lock", timeout=LONGEST):
        if not installed.exists() or installed.stat().st_mtime < locked.stat().st_mtime:
            _output_of(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], CLIENT)


def copied_to(folder: Path) -> Path:
    """A copy of the client with its tools, for what writes files: tests run side by side."""
    copy = folder / "typescript"
    shutil.copytree(CLIENT, copy, ignore=shutil.ignore_patterns("node_modules", "dist", ".install.lock"))
    (copy / "node_modules").symlink_to(TOOLS)
    return copy


def run_tool(name: str, *arguments: str, folder: Path = CLIENT) -> None:
    """Run one of npm's tools in a folder. Raises RuntimeError, with what the tool says, when it fails."""
    _output_of([str(TOOLS / ".bin" / name), *arguments], folder)


def _output_of(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    if done.returncode:
        message = f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        raise RuntimeError(message)
    return done.stdout


def schema_text() -> str:
    """The types that the API's description of today gives."""
    asked_for_nothing_else = cast("DealClient", None), cast("Store", None)
    description = create_app(GatewayOptions(), *asked_for_nothing_else).openapi()
    description["info"]["version"] = "0"  # a release changes no type
    with tempfile.TemporaryDirectory() as folder:
        document, types = Path(folder, "openapi.json"), Path(folder, "schema.ts")
        document.write_text(json.dumps(description), encoding="utf-8")
        run_tool("openapi-typescript", str(document), "--output", str(types))
        return types.read_text("utf-8")


if __name__ == "__main__":
    install()
    SCHEMA.write_text(schema_text(), encoding="utf-8")
