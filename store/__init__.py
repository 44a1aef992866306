"""The database: journal, ledger, intake, suppression, bundles. SQLite or PostgreSQL, the same code.

What a row means for a deal belongs into ``dealwright``.
"""
