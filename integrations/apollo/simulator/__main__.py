"""``python -m integrations.apollo.simulator``."""

from integrations.apollo.simulator.simulator import ApolloSimulator
from integrations.kit.simulator.serving import main

main(ApolloSimulator)
