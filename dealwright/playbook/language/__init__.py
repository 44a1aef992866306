"""What a playbook can say: models of its parts, its conditions and paths.

Whether it makes sense belongs into ``dealwright.playbook.checks``.
"""
