"""``python -m integrations.clari.simulator``."""

from integrations.clari.simulator.simulator import ClariSimulator
from integrations.kit.simulator.serving import main

main(ClariSimulator)
