"""A playbook as files: YAML with positions, the bundle with its hash, the sandbox of its templates.

What the text means belongs into ``dealwright.playbook.language``.
"""
