"""What the tests of knowledge share."""

from __future__ import annotations

from dealwright.deal import Deal
from tests.dealwright.story import Story, of_stage

NOTHING = of_stage("[{name: thank, on: next_step_agreed, do: [{notify: rep, text: Thank them}]}]")


DEMOS = of_stage(
    """
- {name: remind, on: {before: demo.starts_at, by: 1d}, do: [{email: reminder, marketing: false}]}
- {name: no-show, on: [demo_missed, demo_cancelled], do: [{after: 1h, email: sorry, marketing: false}]}
- {name: recap, on: demo_held, do: [{email: recap, marketing: false}]}
"""
)


def deal(story: Story) -> Deal:
    assert story.state.deal is not None
    return story.state.deal
