"""Faults planted about text messages."""

from __future__ import annotations

import pytest

from dealwright import consent, text_consent
from dealwright.deal import Contact
from dealwright.rules import channels
from dealwright.rules.actions import sms
from dealwright.state import DealState
from tests.dealwright.planting import nothing
from tests.dealwright.test_planted_faults import ALWAYS_OPEN


def stop_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(text_consent, "numbers_told_of", lambda _: ())


def silence_is_taken_for_agreement(patch: pytest.MonkeyPatch) -> None:
    _pass_over(patch, "not allowed")


def dead_numbers_get_texts(patch: pytest.MonkeyPatch) -> None:
    _pass_over(patch, "cannot be delivered")


def _pass_over(patch: pytest.MonkeyPatch, reason: str) -> None:
    """Let text messages go whatever that reason against them."""
    forbidden = text_consent.forbidden

    def forbidden_otherwise(state: DealState, contact: Contact) -> str | None:
        why = forbidden(state, contact)
        return None if why is not None and reason in why else why

    patch.setattr(text_consent, "forbidden", forbidden_otherwise)


def texts_on_their_way_go_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consent, "forbidden_now", nothing)


def texts_come_at_any_hour(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sms, "_hours", lambda *_: ALWAYS_OPEN)


def texts_have_no_limit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(channels, "free_at", nothing)
