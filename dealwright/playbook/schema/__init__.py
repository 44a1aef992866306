"""The JSON Schema of a playbook, for editors.

It is made from the models of ``dealwright.playbook.language``; nothing is decided here.
"""
