"""What happened to a deal, and who means it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dealwright.diagnostics.diagnostic import BadInput
from simulation.timeline.happening import Happening
from simulation.timeline.names import unknown_names
from simulation.timeline.patterns import read_pattern
from simulation.timeline.telling import Teller
from tests.dealwright.playbook.shipped_stories import RULES, customer, lead, with_demo, with_proposal
from tests.dealwright.story import Story, of_stage


def happenings(story: Story) -> Iterator[Happening]:
    teller, effects = Teller(story.rules), {effect.id: effect for effect in story.effects}
    for entry in story.entries:
        if (told := teller.tell(entry, effects)) is not None:
            yield told


def times(story: Story, written: object) -> int:
    pattern = read_pattern(written)
    return sum(pattern.matches(one) for one in happenings(story))


def lost_demo() -> Story:
    story = with_demo().until("2026-03-11 18:00")
    story.tell("demo_cancelled", demo="d1")
    return story.wait(days=8)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"email": "cold-1"}, 1),
        ({"email": ["cold-1", "demo-missed"]}, 2),
        ({"email": "any", "marketing": False}, 2),
        ({"email": "any", "to": "nobody"}, 0),
        ({"email": "any", "play": "no-show"}, 1),
        ({"task": "rebook_demo", "owner": "account_executive"}, 1),
        ({"task": "rebook_demo", "owner": "sdr"}, 0),
        ({"notify": "sales_manager", "text": "OVERDUE: rebook demo"}, 3),
        ({"handoff": "sdr-to-ae", "to": "account_executive"}, 1),
        ({"stage": "presentation"}, 1),
        ({"play": "no-show"}, 1),
        ("demo_cancelled", 1),
        ({"reply_received": "interested"}, 1),
        ({"reply_received": "other"}, 0),
        ({"handoff_accepted": "sdr-to-ae"}, 1),
        ({"email_sent": "cold-1"}, 1),
        ({"closed": "any"}, 0),
    ],
)
def test_what_is_meant_is_found_in_what_happened(written: object, expected: int) -> None:
    assert times(lost_demo(), written) == expected


def test_an_approval_is_found_by_whom_it_asks() -> None:
    story = with_proposal()
    story.tell("discount_requested", percent=25)

    assert times(story, {"approval": "discount", "asks": ["sales_manager", "finance"]}) == 1
    assert times(story, {"approval": "discount", "asks": "csm"}) == 0


def test_a_deal_that_ends_is_found_by_its_outcome() -> None:
    assert times(customer().until("2027-03-20 10:00"), {"closed": "churned"}) == 1


def test_a_message_that_is_called_off_before_it_leaves_did_not_happen() -> None:
    story = Story(of_stage("- {name: greet, on: note_added, until: demo_held, do: [{email: hello}]}"))

    story.tell_at_once(story.fact("note_added", text="hi"), story.fact("demo_held"))

    assert times(story, {"play": "greet"}) == 1
    assert times(story, {"email": "hello"}) == 0


def test_a_question_that_nobody_came_to_see_did_not_happen() -> None:
    story = lead()
    story.tell("reply_received", sentiment="interested", contact="ana")
    assert times(story, {"task": "decide_next_step"}) == 0


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            {"emial": "cold-1"},
            "emial: 'emial' is no fact or event, and nothing that a play does. Did you mean 'email'?",
        ),
        ({"email": "cold-1", "owner": "sdr"}, "owner: 'owner' is no key here."),
        ({"email": "x", "task": "y"}, "This says email and task. Write each for itself, in a list."),
        ("email", "'email' alone says not which. Write {email: any}, or its name."),
        ({"reply_received": "angry"}, "reply_received: 'reply_received' is never 'angry'."),
        (None, "Nothing is nothing that happens. Write {email: <template>}"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_remedy(written: object, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_pattern(written)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"email": "cold-11"}, "email: There is no template 'cold-11'. Did you mean 'cold-1'?"),
        ({"task": "any", "owner": "sdrs"}, "owner: There is no role 'sdrs'. Did you mean 'sdr'?"),
        ({"closed": "won"}, "closed: There is no outcome 'won'."),
        ({"task_done": "cal"}, "task_done: There is no step that opens 'cal'. Did you mean 'call'?"),
        ({"handoff": "any", "to": "csn"}, "to: There is no role 'csn'. Did you mean 'csm'?"),
    ],
)
def test_names_that_the_playbook_does_not_have_are_told(written: object, said: str) -> None:
    (wrong,) = unknown_names(read_pattern(written), RULES)
    assert str(wrong).startswith(said)
