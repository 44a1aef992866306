"""What can be told about a playbook without running it: errors, and warnings about what is hardly meant so.

What no playbook may say at all belongs into the models of ``dealwright.playbook.language``.
"""
