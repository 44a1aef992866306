"""Every kind of step that a playbook may have is carried out by an action of its own."""

from dealwright.playbook.language.steps.any_step import ACTIONS as WRITTEN
from dealwright.playbook.language.steps.any_step import STEPS
from dealwright.rules.actions.registry import ACTIONS


def test_every_kind_of_step_has_an_action() -> None:
    assert set(ACTIONS) == set(STEPS)


def test_only_a_text_message_is_written_with_one_key_for_two_kinds_a_persons_and_the_machines() -> None:
    keys = [kind.action for kind in STEPS]
    assert {key for key in keys if keys.count(key) > 1} == {"sms"}


def test_the_key_that_names_the_action_must_be_given() -> None:
    assert {kind.action for kind in STEPS if kind.model_fields[kind.action].is_required()} == {*WRITTEN}
    assert all(kind.model_fields[kind.action].is_required() for kind in STEPS)
