"""``python -m integrations.chorus.simulator``."""

from integrations.chorus.simulator.simulator import ChorusSimulator
from integrations.kit.simulator.serving import main

main(ChorusSimulator)
