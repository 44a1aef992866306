from __future__ import annotations

import dealwright
from dealwright.client import errors
from dealwright.commands import COMMANDS
from dealwright.facts import FACTS


def test_whatever_a_deal_can_be_told_and_asked_is_imported_from_one_place() -> None:
    assert {one.__name__ for one in (*FACTS.values(), *COMMANDS.values())} <= set(dealwright.__all__)


def test_every_error_of_the_client_is_imported_from_there_too() -> None:
    raised = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.DealError)}
    assert raised <= set(dealwright.__all__)
