"""Faults planted about channels, their hours and limits, and how long somebody is left alone."""

from __future__ import annotations

import pytest

from dealwright.deal import Contact
from dealwright.rules import channels, cool_off
from dealwright.rules.decision_context import DecisionContext
from tests.dealwright.planting import nothing


def wishes_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    reason_against = channels._reason_against

    def whatever_they_said(context: DecisionContext, contact: Contact, channel: str) -> str | None:
        why = reason_against(context, contact, channel)
        return None if why is not None and "refused" in why else why

    patch.setattr(channels, "_reason_against", whatever_they_said)


def leave_is_taken_for_given(patch: pytest.MonkeyPatch) -> None:
    reason_against = channels._reason_against

    def unless_they_refused(context: DecisionContext, contact: Contact, channel: str) -> str | None:
        why = reason_against(context, contact, channel)
        return None if why is not None and "not allowed" in why else why

    patch.setattr(channels, "_reason_against", unless_they_refused)


def channels_have_no_hours(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(channels, "_in_hours", lambda _, __, ___, at: at)


def channels_have_no_limit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(channels, "free_at", nothing)


def nobody_is_left_alone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cool_off, "after_end", nothing)


def marketing_knows_no_cool_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cool_off, "caps_for", lambda *_: ())
