"""``python -m integrations.gong.simulator``."""

from integrations.gong.simulator.simulator import GongSimulator
from integrations.kit.simulator.serving import main

main(GongSimulator)
