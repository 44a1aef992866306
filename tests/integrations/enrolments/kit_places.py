"""Places as the tools take them that stand on ``KnownEnrolments``."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from integrations.kit.enrolments import Enrolled, KnownEnrolments, Meant
from tests.integrations.enrolments.two_deals import Taking


def take_places(patch: pytest.MonkeyPatch, taking: Taking) -> None:
    """Let places be taken so."""
    mean = KnownEnrolments.mean

    async def instead(self: KnownEnrolments, place: str, who: Enrolled, before: Collection[str]) -> Meant:
        meant: list[Meant] = []

        async def take() -> None:
            meant.append(await mean(self, place, who, before))

        await taking(who.deal, take)
        return meant[0]

    patch.setattr(KnownEnrolments, "mean", instead)
