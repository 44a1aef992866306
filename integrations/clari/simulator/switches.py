"""How a simulated Clari organization misbehaves, besides what every simulator does."""

from __future__ import annotations

from integrations.kit.simulator.switches import Switches


class ClariSwitches(Switches):
    """Clari's own ways."""

    refuse_unknown: bool = False
    """Whether a call that names an opportunity that is not there is refused: Clari does not say what it does."""
