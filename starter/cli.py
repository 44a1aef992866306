"""``dealwright``: deals from a terminal, and everything on one machine."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line. Ends the process itself: the SDK's threads may otherwise crash the interpreter's exit."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # a terminal may know fewer characters than people do
    try:
        from starter.app import run  # whoever breaks off while this loads is answered like any other

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = 1
    except OSError as error:  # a full disk behind standard output, say
        with suppress(OSError):
            sys.stderr.write(f"dealwright: {error.strerror or error}\n")
        code = 2
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read it has gone
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
