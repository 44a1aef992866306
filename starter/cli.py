"""``dealwright``: deals from a terminal, and everything on one machine."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

_REMEDY = (
    "Install what this needs: pip install 'dealwright[cli]' for commands about deals, "
    "'dealwright[local]' for up, demo and everything else."
)


def main() -> NoReturn:
    """Run the command line. Ends the process itself: the SDK's threads may otherwise crash the interpreter's exit."""
    try:
        from starter.console.app import run

        code = run(sys.argv[1:])
    except ModuleNotFoundError as error:
        sys.stderr.write(f"dealwright: {error.name} is not installed. {_REMEDY}\n")
        code = 2
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
