"""Everything on one machine: a Temporal server found or built, a mailbox, and all parts in one stack.

Nothing here is needed in production.
"""
