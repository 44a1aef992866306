"""``python -m integrations.slack.simulator``."""

from integrations.kit.simulator.serving import main
from integrations.slack.simulator.simulator import SlackSimulator

main(SlackSimulator)
