"""The deal and its record in a CRM: what is written there, what somebody changed there, and what is logged there.

How a CRM is called belongs into ``integrations``; what the deal learns from its facts, into ``dealwright.learning``.
"""
