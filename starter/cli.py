"""``dealwright``: deals from a terminal, and everything on one machine."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line. Ends the process itself: the SDK's threads may otherwise crash the interpreter's exit."""
    try:
        from starter.console.app import run
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"dealwright: {error.name} is missing. Install the command line: pip install 'dealwright[cli]'\n"
        )
        raise SystemExit(2) from None
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
