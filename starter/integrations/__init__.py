"""What the command line says of connected tools.

What the tools themselves do belongs into ``integrations``.
"""
