"""``python -m integrations.docusign.simulator``."""

from integrations.docusign.simulator.simulator import DocuSignSimulator
from integrations.kit.simulator.serving import main

main(DocuSignSimulator)
