"""``python -m integrations.clari_copilot.simulator``."""

from integrations.clari_copilot.simulator.simulator import ClariCopilotSimulator
from integrations.kit.simulator.serving import main

main(ClariCopilotSimulator)
