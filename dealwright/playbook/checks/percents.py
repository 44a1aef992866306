"""Values that go from 0 to 100, and scores, compared with a fraction of 1."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.playbook.checks.traversal import conditions_in
from dealwright.playbook.checks.value_limits import LIMITS
from dealwright.playbook.language.conditions import Compares, leaves
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.paths import SCORE

_UP_TO_A_HUNDRED = frozenset(path for path, (_, highest) in LIMITS.items() if highest == 100)  # noqa: PLR2004
"""The paths of such values: a discount is in percent."""


def fractions_for_percents(playbook: Playbook) -> Iterator[Diagnostic]:
    """Bounds such as 0.2 where 20 is meant."""
    for place, condition in conditions_in(playbook):
        for test in leaves(condition):
            if isinstance(test, Compares) and not isinstance(test.limit, date):
                yield from _fraction(place, test.path.text, test.limit)
    for number, approval in enumerate(playbook.approvals):
        for index, level in enumerate(approval.levels):
            if approval.of is not None and level.up_to is not None:
                place = ("approvals", number, "levels", index, "up_to")
                yield from _fraction(place, approval.of.text, Decimal(str(level.up_to)))


def _fraction(place: Place, path: str, limit: Decimal) -> Iterator[Diagnostic]:
    if not 0 < limit < 1:
        return
    if path.startswith(SCORE):
        yield warning(place, f"{path!r} counts whole points, and {limit:f} is less than one", "write how many points")
    if path in _UP_TO_A_HUNDRED:
        yield warning(
            place,
            f"{path!r} goes from 0 to 100, and {limit:f} is next to nothing",
            f"write {(limit * 100).normalize():f}",
        )
