"""``python -m integrations.pandadoc.simulator``."""

from integrations.kit.simulator.serving import main
from integrations.pandadoc.simulator.simulator import PandaDocSimulator

main(PandaDocSimulator)
