"""What following another playbook would change for a deal: worked out with ``decide`` itself, and nothing is recorded.

In what two playbooks differ belongs into ``dealwright.playbook.differences``, which deals are asked into ``starter``.
"""
