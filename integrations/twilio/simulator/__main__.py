"""``python -m integrations.twilio.simulator``."""

from integrations.kit.simulator.serving import main
from integrations.twilio.simulator.simulator import TwilioSimulator

main(TwilioSimulator)
