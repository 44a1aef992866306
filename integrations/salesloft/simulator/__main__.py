"""``python -m integrations.salesloft.simulator``."""

from integrations.kit.simulator.serving import main
from integrations.salesloft.simulator.simulator import SalesloftSimulator

main(SalesloftSimulator)
