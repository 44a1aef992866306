"""What may happen to a deal in a random life: how it is opened, facts that it is told, commands that it is given.

When which of them is likely belongs into ``simulation.scenarios``.
"""
