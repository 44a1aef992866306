"""The playbooks that lives follow, and may adopt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import playbooks
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_playbook
from dealwright.playbook.source.bundle import bundle_hash

_CHANGES = {
    "b2b-saas": (
        ("playbook: b2b-saas", "playbook: b2b-saas-next"),
        ("3bd", "2bd"),
        ("8bh", "6bh"),
        ("by: 90d", "by: 120d"),
        ("name: no-thanks", "name: no-thank-you"),
    ),
    "other-tools": (
        ("playbook: other-tools", "playbook: other-tools-next"),
        ("{after: 1h, enrol: outreach/7}, ", ""),
        ("sms: text-4", "sms: text-6"),
    ),
}
"""What the next version of a playbook does otherwise: its name, delays, a date, a play's name; a step that it lacks."""


@dataclass(frozen=True)
class PlaybookLibrary:
    """Every playbook by name and by bundle."""

    offers: dict[str, tuple[str, Playbook]]
    """By name: the bundle's hash and the playbook."""

    @cached_property
    def adoptable(self) -> dict[str, tuple[str, Playbook]]:
        """What a deal may adopt, by name and by the bundle's hash."""
        return self.offers | {offer[0]: offer for offer in self.offers.values()}

    def playbook(self, bundle: str) -> Playbook:
        """The playbook of that content."""
        return next(playbook for known, playbook in self.offers.values() if known == bundle)


@cache
def library() -> PlaybookLibrary:
    """The shipped playbooks, the next version of the default one, and two with all that they leave out."""
    shipped = playbooks.shipped()
    own = {
        name: files("simulation").joinpath(f"{name}.yaml").read_text("utf-8") for name in ("odd-jobs", "other-tools")
    }
    texts = {name: files["playbook.yaml"] for name, files in shipped.items()} | own
    following = [_changed(texts[name], changes) for name, changes in _CHANGES.items()]
    return PlaybookLibrary(dict(_offer(text) for text in (*texts.values(), *following)))


def _changed(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"the playbook no longer says {old!r}: change something else in its next version")
        text = text.replace(old, new)
    return text


def _offer(text: str) -> tuple[str, tuple[str, Playbook]]:
    playbook = load_playbook(text)
    return playbook.playbook, (bundle_hash({"playbook.yaml": text}), playbook)
