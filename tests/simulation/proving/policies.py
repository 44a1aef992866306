"""The policies of the shipped playbooks."""

from __future__ import annotations

from pathlib import Path

from simulation.policies.reading import POLICIES

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"


def text_of(playbook: str) -> str:
    """The policies beside a shipped playbook."""
    return (PLAYBOOKS / playbook / POLICIES).read_text("utf-8")
