"""Every kind of step that a playbook may have is carried out by an action of its own."""

from dealwright.playbook.language.steps.any_step import ACTIONS as WRITTEN
from dealwright.playbook.language.steps.any_step import STEPS
from dealwright.rules.actions.registry import ACTIONS


def test_every_kind_of_step_has_an_action() -> None:
    assert set(ACTIONS) == set(STEPS)


def test_no_two_kinds_of_step_are_written_with_the_same_key() -> None:
    assert len(set(WRITTEN)) == len(STEPS)


def test_the_key_that_names_the_action_must_be_given() -> None:
    assert [kind.action for kind in STEPS if kind.model_fields[kind.action].is_required()] == [*WRITTEN]
