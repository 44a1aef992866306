"""Why deals end, as people and systems say it."""

from __future__ import annotations

from simulation.moves.situation import Payload, Situation


def any_reason(situation: Situation) -> Payload:
    """Why a deal ends: mostly one of the reasons that are listed somewhere, sometimes with all that it needs."""
    codes: tuple[Payload, ...] = (
        {}, {"reason_code": "price"}, {"reason_code": "competitor"}, {"reason_code": "prise"},
        {"reason_code": "competitor", "competitor": "Rival"},
        {"reason_code": "not_now", "back_on": situation.day(30, 90).isoformat()},
    )  # fmt: skip
    return dict(situation.random.choice(codes))
