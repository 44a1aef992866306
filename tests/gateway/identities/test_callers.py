"""In whose name a command is given."""

from __future__ import annotations

import pytest

from gateway.identities.callers import Caller
from gateway.problems import ApiError
from store.api_keys import Scope

BEN = Caller(name="bens-laptop", key_id="1", scopes=frozenset({Scope.APPROVE}), acts_for="Ben@us.example")
SYNC = Caller(name="crm-sync", key_id="2", scopes=frozenset({Scope.APPROVE}))
SLACK = SYNC.model_copy(update={"name": "slack", "may_speak_for": ("@us.example", "eva@partner.example")})


@pytest.mark.parametrize("claimed", [None, "Ben@us.example", "ben@US.example"])
def test_a_persons_key_speaks_as_that_person(claimed: str | None) -> None:
    assert BEN.speaker(claimed) == "Ben@us.example"


@pytest.mark.parametrize("claimed", ["max@us.example", "Ben", "sales_manager", "bens-laptop", "service:crm-sync"])
def test_a_persons_key_speaks_for_nobody_else(claimed: str) -> None:
    with pytest.raises(ApiError, match=r"It is the key of Ben@us\.example: leave by out") as caught:
        BEN.speaker(claimed)
    assert caught.value.problem.status == 403


@pytest.mark.parametrize("claimed", [None, "crm-sync", "service:crm-sync"])
def test_a_services_key_speaks_as_that_service(claimed: str | None) -> None:
    assert SYNC.speaker(claimed) == "service:crm-sync"


@pytest.mark.parametrize("claimed", ["sales_manager", "Max", "max@us.example", "service:slack"])
def test_a_service_passes_nobody_on_unless_its_key_says_so(claimed: str) -> None:
    with pytest.raises(ApiError, match="may_speak_for"):
        SYNC.speaker(claimed)


@pytest.mark.parametrize("claimed", ["max@us.example", "MAX@US.EXAMPLE", "Eva@partner.example"])
def test_a_service_passes_on_the_people_whom_its_key_names(claimed: str) -> None:
    assert SLACK.speaker(claimed) == claimed


@pytest.mark.parametrize(
    "claimed",
    [
        "sales_manager", "Max", "bob@partner.example", "max@evil-us.example", "max@us.example.evil.example",
        "max@sub.us.example", "Max <max@us.example>", "@us.example", "max\u200b@us.example", "service:crm-sync",
    ],
)  # fmt: skip
def test_a_service_passes_on_nobody_else_and_nobody_by_another_name_than_their_address(claimed: str) -> None:
    with pytest.raises(ApiError, match=r"By e-mail address, it may speak for @us\.example, eva@partner\.example"):
        SLACK.speaker(claimed)


def test_a_service_that_is_named_like_a_role_does_not_hold_it() -> None:
    assert SYNC.model_copy(update={"name": "sales_manager"}).speaker("sales_manager") == "service:sales_manager"
