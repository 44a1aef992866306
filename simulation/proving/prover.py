"""Policies tried on many random lives of their playbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from dealwright.decide import EndlessPlaybook
from dealwright.playbook.language.model import Playbook
from simulation.playbook_library import PlaybookLibrary
from simulation.policies.names import conditions_in, keys_in
from simulation.policies.reading import PolicyAt
from simulation.policies.watching import watch
from simulation.proving.drawing import Drawing, any_opening
from simulation.proving.life import Life, Living, Opening
from simulation.proving.shrinking import Shrinker
from simulation.proving.story import Story, story_of
from simulation.proving.targets import focus_on
from simulation.proving.words import words_of
from simulation.timeline.rules import Rules

_BUNDLE = "as it is in the folder"
_KEPT = 3
"""Of the lives that break a policy, so many of the shortest are shortened."""
_GOOD_LENGTH = 10
"""A story of so many steps is short enough: no other life is shortened then."""


@dataclass
class Findings:
    """What lives have shown of one policy."""

    policy: PolicyAt
    tried_in: int = 0
    """In so many lives, what it is about came to pass."""
    broken_in: int = 0
    shortest: list[tuple[int, Life]] = field(default_factory=list)
    """The shortest lives that break it, by how many decisions they took."""
    story: Story | None = None

    def note(self, decisions: int, life: Life) -> None:
        """Keep a life that breaks it, if it is one of the shortest."""
        self.broken_in += 1
        self.shortest = sorted([*self.shortest, (decisions, life)], key=lambda kept: kept[0])[:_KEPT]


class Prover:
    """Lives random lives of a playbook, each with all its policies watched."""

    def __init__(self, playbook: Playbook, rules: Rules, policies: Sequence[PolicyAt], seed: int) -> None:
        self.playbook, self.seed = playbook, seed
        self.lives = self.endless = 0
        self.circle = ""
        """What is wrong where plays start each other without end, as they did in ``endless`` lives."""
        self.findings = [Findings(policy) for policy in policies]
        self._policies = [one.policy for one in policies]
        conditions = [condition for policy in self._policies for condition in conditions_in(policy)]
        keys = [key for policy in self._policies for key in keys_in(policy)]
        self._words = words_of(playbook, keys, conditions)
        self._focuses = [focus_on(policy, playbook, self._words.sources) for policy in self._policies]
        """Each life tries one policy above all."""
        self._rules = rules
        self._library = PlaybookLibrary({playbook.playbook: (_BUNDLE, playbook)})

    def live_one(self) -> None:
        """Live the next life, and note what it shows."""
        random = Random(f"{self.seed}/{self.lives}")
        focus = self._focuses[self.lives % len(self._focuses)]
        target = random.choice(focus.targets) if focus.targets and random.random() < 0.7 else None
        opening = any_opening(random, self._words, target)
        drawing = Drawing(random, self._words, focus.keys, target)
        if focus.waits_for_dates:
            drawing.wait_for_dates()
        try:
            self._live(opening, drawing)
        except EndlessPlaybook as error:
            self.endless, self.circle = self.endless + 1, str(error)
        self.lives += 1

    def _live(self, opening: Opening, drawing: Drawing) -> None:
        random = drawing.random
        living = Living(opening, self.playbook.playbook, self._library, 2 + int(random.expovariate(1 / 5)))
        living.go(drawing)
        living.rest(drawing.rest, decisions=drawing.decisions_at_rest)
        watched = watch(living.deal, self._policies)
        for found, tracker in zip(self.findings, watched.trackers, strict=True):
            found.tried_in += tracker.tried
            if tracker.broken is not None:
                ahead = sum((move.after for move in drawing.moves[living.came :]), timedelta())
                life = Life(opening, tuple(drawing.moves[: living.came]), drawing.rest + ahead)
                found.note(len(living.deal.decisions), life)

    def tell_stories(self, after_each: Callable[[], None] = lambda: None) -> None:
        """Find the shortest story of each policy that is broken."""
        for found in self.findings:
            if found.broken_in:
                found.story = self._story(found)
                after_each()

    def _story(self, found: Findings) -> Story | None:
        best: Story | None = None
        for _, life in found.shortest:
            shrinker = Shrinker(found.policy.policy, self.playbook.playbook, self._library)
            if (shortest := shrinker.shortest(life)) is None:
                continue
            story = story_of(shortest, found.policy.policy, self.playbook, self._rules)
            if best is None or len(story.steps) < len(best.steps):
                best = story
            if len(best.steps) <= _GOOD_LENGTH:
                break
        return best
