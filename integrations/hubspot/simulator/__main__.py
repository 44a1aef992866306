"""``python -m integrations.hubspot.simulator``."""

from integrations.hubspot.simulator.simulator import HubSpotSimulator
from integrations.kit.simulator.serving import main

main(HubSpotSimulator)
