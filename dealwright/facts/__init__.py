"""Every fact a deal can be told, one class each, and the registry that names the signals.

A fact happened outside, at a time, and is never changed. Its payload is read by ``decide``, not by the
workflow, so these models may grow stricter or richer on any day under running deals. A new one is a class in the module
that fits, and in its ``__all__``: its signal, route, trigger, schema and row of the documentation follow.
"""

from __future__ import annotations

from dealwright.facts import (
    billing,
    contracts,
    conversations,
    crm,
    customers,
    enrolments,
    knowledge,
    meetings,
    offers,
    outreach,
    replies,
)
from dealwright.facts.base import TOLD, AboutPerson, AboutThing, Explained, Fact, Percent, Thing, Turn
from dealwright.facts.billing import *
from dealwright.facts.contracts import *
from dealwright.facts.conversations import *
from dealwright.facts.crm import *
from dealwright.facts.customers import *
from dealwright.facts.enrolments import *
from dealwright.facts.knowledge import *
from dealwright.facts.meetings import *
from dealwright.facts.offers import *
from dealwright.facts.outreach import *
from dealwright.facts.replies import *

_PARTS = (
    outreach, replies, enrolments, meetings, conversations, knowledge, offers, contracts, billing, crm, customers,
)  # fmt: skip
_BY_LIFE = [part.__name__ for part in _PARTS]
FACTS: dict[str, type[Fact]] = dict(sorted(TOLD.items(), key=lambda told: _BY_LIFE.index(told[1].__module__)))
"""Every fact by its name, in the order of a deal's life; the signals are generated from it."""

__all__ = ["FACTS", "AboutPerson", "AboutThing", "Explained", "Fact", "Percent", "Thing", "Turn"]
__all__ += billing.__all__
__all__ += contracts.__all__
__all__ += conversations.__all__
__all__ += crm.__all__
__all__ += customers.__all__
__all__ += enrolments.__all__
__all__ += knowledge.__all__
__all__ += meetings.__all__
__all__ += offers.__all__
__all__ += outreach.__all__
__all__ += replies.__all__
