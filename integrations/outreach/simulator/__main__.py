"""``python -m integrations.outreach.simulator``."""

from integrations.kit.simulator.serving import main
from integrations.outreach.simulator.simulator import OutreachSimulator

main(OutreachSimulator)
