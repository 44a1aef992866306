"""Tunes Python's garbage collector for processes that hold many deals in memory."""

from __future__ import annotations

import gc

_THRESHOLDS = (20_000, 20, 100)


def tune_gc() -> None:
    """Make the collector run less often. Call it once everything is imported.

    What is imported stays for good. What decisions make is nearly all gone without the collector, and so is a deal
    that leaves the cache: at Python's own pace it costs a tenth of their time. A full collection walks through every
    deal in the cache, and nothing is answered meanwhile: it comes last of all.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
