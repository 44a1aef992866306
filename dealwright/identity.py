"""Names by which a deal, its effects and its queue are known everywhere: workflow, ledger, mail, UI."""

from __future__ import annotations

import re
from typing import NamedTuple

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.text import short

DEFAULT_PLAYBOOK = "b2b-saas"
TASK_QUEUE = "deals"
NAMESPACE = "deals"
WORKFLOW_TYPE = "DealWorkflow"
MANY_SIGNALS = "dealwright:many"
"""The signal under which a worker gives a workflow many of one moment: it never comes from outside."""

DEAL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_WORKFLOW_PREFIX = "deal-"
_ASKED_AGAIN = re.compile(r"\.(?:given[0-9]+|moved[0-9]+|passed)(?=[./])")
"""What tells the ids of a task apart that was asked for again, of another person or by another time."""
_LIKE_THIS = "write 1 to 128 letters, digits, dots, underscores, colons or hyphens, the first a letter or digit"


class Installation(NamedTuple):
    """A store and the namespace whose deals it keeps the ledger and the journal of."""

    id: str
    """The store's own."""
    namespace: str
    """The one that Temporal gave the namespace when it was made."""


class BadDealId(BadValue):
    """A text that no deal can have as its id."""

    def __init__(self, deal_id: str) -> None:
        super().__init__(f"{short(deal_id, 140)!r} is no deal id", _LIKE_THIS)


def check_deal_id(deal_id: str) -> str:
    """Return the id when it is well formed.

    Raises:
        BadDealId: what a deal id may look like.
    """
    if not DEAL_ID.fullmatch(deal_id):
        raise BadDealId(deal_id)
    return deal_id


def workflow_id(deal_id: str) -> str:
    """The workflow id under which a deal runs, for life."""
    return _WORKFLOW_PREFIX + check_deal_id(deal_id)


def deal_id_of(workflow: str) -> str:
    """The deal that a workflow id belongs to."""
    return workflow.removeprefix(_WORKFLOW_PREFIX)


def effect_id(deal_id: str, run_key: str, step: str) -> str:
    """The id of one effect: the same over every retry, never used for another one.

    ``run_key`` is ``<play>/<stage visit>/<occurrence>`` as made by :func:`run_key`; the effect's id reads
    ``<deal_id>/<play>/<stage visit>/<step>/<occurrence>``.
    """
    play, visit, occurrence = run_key.rsplit("/", 2)
    return f"{deal_id}/{play}/{visit}/{step}/{occurrence}"


def first_id(task: str) -> str:
    """The id under which a task was asked for first."""
    head, _, tail = task.rpartition("/")
    play, _, step = head.rpartition("/")
    return f"{play}/{_ASKED_AGAIN.sub('', step + '/')}{tail}"


def play_of(run_key: str) -> str:
    """The play that a run is of."""
    return run_key.rsplit("/", 2)[0]


def of_run(play: str, contact: str | None) -> str:
    """A run as people are told of it: its play, and the contact whom it is for, if it is for one.

    A contact is told by the id. Where that is an address, it is left out: summaries hold no personal data.
    """
    return play if contact is None else f"{play} for {_key(contact)}"


def about_whom(title: str, contact: str | None) -> str:
    """A task as people are told of it, with the contact whom it is about, if it is about one."""
    return title if contact is None else f"{title} (about {_key(contact)})"


def _key(contact: str) -> str:
    return "a contact" if "@" in contact else contact


def run_key(play: str, visit: int, occurrence: int) -> str:
    """What tells one run of a play from every other run in the same deal."""
    return f"{play}/{visit}/{occurrence}"
