"""Everything about Salesforce: what its records mean for deals, what deals write there, and a simulator of it.

What other tools need too belongs into ``integrations/kit``.
"""
