"""The TypeScript client's types, as the API describes itself. ``python -m tests.typescript_client`` writes them.

Needs Node.js. The tools come from npm, in the versions of ``clients/typescript/package-lock.json``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import cast

from dealwright.client.deal_client import DealClient
from gateway.api import create_app
from gateway.options import GatewayOptions
from store.database import Store

CLIENT = Path(__file__).parents[1] / "clients" / "typescript"
SCHEMA = CLIENT / "src" / "schema.ts"
LONGEST = 300
"""Seconds that one of npm's tools may take."""


def node_is_there() -> bool:
    """Whether Node.js and npm are on this machine."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def install() -> None:
    """Have the tools in ``node_modules``, if they are not there."""
    if not (CLIENT / "node_modules" / ".package-lock.json").exists():
        run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")


def run(*command: str) -> None:
    """Run one of npm's tools in the client's folder."""
    done = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True, timeout=LONGEST, check=False)
    if done.returncode:
        message = f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        raise RuntimeError(message)


def schema_text() -> str:
    """The types that the API's description of today gives."""
    asked_for_nothing_else = cast("DealClient", None), cast("Store", None)
    description = create_app(GatewayOptions(), *asked_for_nothing_else).openapi()
    description["info"]["version"] = "0"  # a release changes no type
    with tempfile.TemporaryDirectory() as folder:
        document, types = Path(folder, "openapi.json"), Path(folder, "schema.ts")
        document.write_text(json.dumps(description), encoding="utf-8")
        run("node_modules/.bin/openapi-typescript", str(document), "--output", str(types))
        return types.read_text("utf-8")


if __name__ == "__main__":
    install()
    SCHEMA.write_text(schema_text(), encoding="utf-8")
