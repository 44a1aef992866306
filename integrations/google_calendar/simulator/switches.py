"""What Google's calendars can do wrong, beside what every tool can."""

from __future__ import annotations

from integrations.kit.simulator.switches import Switches, Times


class GoogleCalendarSwitches(Switches):
    """Ways of Google's own."""

    bare_deletions: bool = False
    """Whether a deleted event is shown with its id alone, which is all that Google promises."""
    empty_page: Times = 0
    """Lists whose first page has no events, and a token for the next one."""
    quota_as_429: bool = False
    """Whether a spent quota is answered with 429; otherwise with 403."""
