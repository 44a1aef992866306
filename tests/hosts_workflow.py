"""A workflow of a team that hosts deals too: it knows nothing of them."""

from __future__ import annotations

from temporalio import workflow


@workflow.defn
class Collecting:
    """Hears words, and ends once it has heard as many as it was asked for."""

    def __init__(self) -> None:
        self._words: list[str] = []

    @workflow.run
    async def run(self, many: int) -> list[str]:
        await workflow.wait_condition(lambda: len(self._words) >= many)
        return self._words

    @workflow.signal
    def hear(self, word: str) -> None:
        self._words.append(word)
