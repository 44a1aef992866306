"""``dealwright-worker``: the worker, or one line that says what it lacks."""

from __future__ import annotations

import importlib
import os
import sys
from typing import NoReturn

from starter.extras import what_to_install


def main() -> NoReturn:
    """Run the worker. Its parts are imported here, where it can be said what is missing."""
    try:
        worker = importlib.import_module("worker")
    except ModuleNotFoundError as error:
        sys.stderr.write(f"dealwright-worker: {what_to_install(error, ['worker'])}\n")
        sys.stderr.flush()
        os._exit(2)
    worker.main()
    os._exit(0)


if __name__ == "__main__":
    main()
