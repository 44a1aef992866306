"""``python -m integrations.cal_com.simulator``."""

from integrations.cal_com.simulator.simulator import CalComSimulator
from integrations.kit.simulator.serving import main

main(CalComSimulator)
