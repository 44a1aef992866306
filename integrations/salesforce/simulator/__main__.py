"""``python -m integrations.salesforce.simulator``: the simulator in a process of its own."""

from __future__ import annotations

from integrations.kit.simulator.serving import main
from integrations.salesforce.simulator.simulator import SalesforceSimulator

if __name__ == "__main__":
    main(SalesforceSimulator)
