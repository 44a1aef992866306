"""What has left a deal because it adopted a playbook."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.impact.leaving import left_because
from dealwright.playbook.differences.compare import Bundle
from tests.dealwright.story import Story, of_stage

OLD = """
- {name: cadence, on: entered, steps: [{email: one}, {after: 1d, email: two}, {after: 1d, email: three}]}
- {name: recap, on: demo_held, do: [{email: recap, marketing: false}]}
"""
FILES = {f"templates/{name}.md": f"Subject: {name}\n\nHello" for name in ("one", "two", "three", "recap", "extra")}
NEW = "b" * 64


def left(new: str, *, until: str = "2026-03-03 08:00", **texts: str) -> tuple[str, ...]:
    """What has left by then of a deal that adopted the new plays on Monday noon, and then heard of its demo."""
    story = Story(of_stage(OLD)).until("2026-03-02 12:00")
    old, rules = Bundle(story.rules, FILES), of_stage(new)
    story.offers[NEW] = (NEW, rules)
    story.order("adopt_playbook", playbook="tiny", bundle=NEW, why="x")
    place = next(at for at, one in enumerate(story.entries) if isinstance(one, e.PlaybookAdopted))
    story.tell("demo_held")
    story.until(until)
    files = FILES | {f"templates/{name}.md": text for name, text in texts.items()}
    told = left_because(story.entries[place + 1 :], old, Bundle(rules, files))
    return tuple(name for one in told for name in ("one", "two", "three", "recap", "extra") if f" {name} " in one)


@pytest.mark.parametrize(
    ("new", "until", "told"),
    [
        pytest.param(OLD, "2026-03-06 12:00", (), id="the same plays send the same"),
        pytest.param(OLD.replace("email: recap", "email: extra"), "2026-03-03 08:00", ("extra",), id="another message"),
        pytest.param(OLD.replace("{after: 1d, email: three}", "{after: 9d, email: three}"), "2026-03-03 12:00", (),
                     id="what was planned before and is the same"),
        pytest.param(OLD.replace("{after: 1d, email: three}", "{after: 2d, email: three}"), "2026-03-06 12:00",
                     ("three",), id="what was planned by the new rules"),
        pytest.param(OLD.replace("email: recap, marketing: false", "task: call"), "2026-03-03 08:00", (),
                     id="a task is taken off again"),
    ],
)  # fmt: skip
def test_what_the_old_playbook_would_perhaps_not_have_sent_is_told(new: str, until: str, told: tuple[str, ...]) -> None:
    assert left(new, until=until) == told


def test_a_message_in_other_words_is_told() -> None:
    assert left(OLD, recap="Subject: recap\n\nOther words") == ("recap",)
