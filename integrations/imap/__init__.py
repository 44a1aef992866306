"""A mailbox that is read over IMAP, for installations whose mail server calls nobody.

What mail means for a deal belongs into ``integrations.mail``.
"""
