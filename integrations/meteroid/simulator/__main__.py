"""``python -m integrations.meteroid.simulator``."""

from integrations.kit.simulator.serving import main
from integrations.meteroid.simulator.simulator import MeteroidSimulator

main(MeteroidSimulator)
