"""``python -m integrations.stripe.simulator``."""

from integrations.kit.simulator.serving import main
from integrations.stripe.simulator.simulator import StripeSimulator

main(StripeSimulator)
