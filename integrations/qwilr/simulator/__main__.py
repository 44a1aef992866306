"""``python -m integrations.qwilr.simulator``."""

from integrations.kit.simulator.serving import main
from integrations.qwilr.simulator.simulator import QwilrSimulator

main(QwilrSimulator)
