"""Who is in the simulated org from the beginning: an administrator, and the user that we run as."""

from __future__ import annotations

from datetime import datetime

from integrations.salesforce.simulator.ids import record_id
from integrations.salesforce.simulator.org import OrgState, stamp

ADMIN, INTEGRATION = record_id("005", 1), record_id("005", 2)
_FIRST = {ADMIN: ("Ada Admin", "ada.admin@example.org"), INTEGRATION: ("Dealwright", "integration@example.org")}


def let_in(state: OrgState, now: datetime) -> None:
    """Make the first users, where there are none yet."""
    for id_, (name, email) in _FIRST.items():
        state.tables["User"].setdefault(
            id_,
            {
                "Id": id_,
                "IsDeleted": False,
                "Name": name,
                "Email": email,
                "IsActive": True,
                "CreatedDate": stamp(now),
                "SystemModstamp": stamp(now),
            },
        )
    state.made = max(state.made, len(_FIRST))
