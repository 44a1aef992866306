"""What a test that timed out was waiting for, for its report."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator


def waiting_tasks() -> str:
    """Where each unfinished asyncio task of this process stands, from its coroutine down to what it awaits."""
    tasks = (each for each in gc.get_objects() if isinstance(each, asyncio.Task))
    return "\n".join("\n  ".join([task.get_name(), *_places(task.get_coro())]) for task in tasks if not task.done())


def _places(awaited: object) -> Iterator[str]:
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "ag_frame", None)
        yield f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}" if frame else repr(awaited)
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "ag_await", None)
