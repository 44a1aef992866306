"""``python -m integrations.pipedrive.simulator``."""

from integrations.kit.simulator.serving import main
from integrations.pipedrive.simulator.simulator import PipedriveSimulator

main(PipedriveSimulator)
