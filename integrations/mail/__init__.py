"""Mail over SMTP: letters with their headers, and what is known of each step of handing one over.

Whether a message may go out is decided by ``dealwright.rules`` and the ledger.
"""
