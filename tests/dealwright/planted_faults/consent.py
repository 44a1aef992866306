"""Faults planted about consent, bounces, absence."""

from __future__ import annotations

from datetime import datetime

import pytest

from dealwright import consent
from dealwright.deal import Contact
from dealwright.fold import facts as applied_facts
from dealwright.rules import strangers
from dealwright.state import DealState
from dealwright.values.addresses import bare
from tests.dealwright.planting import forget, nothing


def opting_out_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "silenced", dict)
    forget(patch, "opted_out", dict)


def a_new_address_starts_anew_for_who_opted_out(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "opted_out", dict)


def addresses_are_compared_as_they_are_written(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consent, "normal", bare)


def bounced_addresses_get_mail(patch: pytest.MonkeyPatch) -> None:
    forbidden = consent.forbidden

    def forbidden_to_who_opted_out(state: DealState, contact: Contact, *, marketing: bool) -> str | None:
        why = forbidden(state, contact, marketing=marketing)
        return None if why and "bounced" in why else why

    patch.setattr(consent, "forbidden", forbidden_to_who_opted_out)


def a_bounced_message_leads_to_no_address(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consent, "_of_touch", nothing)


def strangers_are_passed_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(strangers, "ask_whom_it_means", nothing)


def absence_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "away", dict)


def everybody_waits_for_who_is_away(patch: pytest.MonkeyPatch) -> None:
    def anybody_away(state: DealState, _: Contact, now: datetime) -> datetime | None:
        return max((one.until for one in state.away.values() if one.until > now), default=None)

    patch.setattr(consent, "away_until", anybody_away)


def the_wrong_person_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(applied_facts, "take_place", nothing)


def a_run_writes_to_whom_all_messages_go(patch: pytest.MonkeyPatch) -> None:
    addressee = consent.addressee

    def first_of_the_deal(state: DealState, *, marketing: bool, **_: object) -> Contact | str:
        return addressee(state, marketing=marketing)

    patch.setattr(consent, "addressee", first_of_the_deal)
