from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from dealwright.state import DealState
from tests.replay.replaying import HISTORIES, history_in, replay
from workflows.deal import DealWorkflow


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> int:
    return sum(isinstance(one, DealWorkflow | DealState) for one in gc.get_objects())


async def test_a_deal_that_is_out_of_the_cache_is_out_of_memory_before_any_collector_comes(no_collector: None) -> None:
    kept_by_other_tests = alive()
    for path in HISTORIES:
        await replay(path.name, history_in(path))
    assert alive() == kept_by_other_tests
