"""What is done when a step is due: one module for each action, registered in ``registry`` by the class of its step.

What a step says in the playbook's file stands in ``dealwright.playbook.language.steps``.
"""
