"""The audit trail of the HTTP API: what each request that changes something asked for, and what became of it.

How entries are kept belongs into ``store``; what a deal made of a fact or a command stands in its story.
"""
