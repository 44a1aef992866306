"""A DocuSign account on this machine: its tokens, its API, its signers, and Connect with its queue.

How Dealwright talks to DocuSign does not belong here.
"""
