"""``python -m integrations.calendly.simulator``."""

from integrations.calendly.simulator.simulator import CalendlySimulator
from integrations.kit.simulator.serving import main

main(CalendlySimulator)
