"""How the simulated org misbehaves, beyond what all simulators can."""

from __future__ import annotations

from integrations.kit.simulator.switches import Switches, Times


class SalesforceSwitches(Switches):
    """The switches of an org."""

    locked_rows: Times = 0
    """Writes that find their row locked by somebody else: ``UNABLE_TO_LOCK_ROW``."""
    duplicate_rule: bool = False
    """Whether a second contact with an e-mail address is refused: ``DUPLICATES_DETECTED``."""
    loss_reason_required: bool = False
    """Whether a validation rule wants a reason of whoever closes an opportunity as lost."""
    unacknowledged: Times = 0
    """Outbound messages whose acknowledgement gets lost on its way."""
