"""How a deal is billed: each signed contract term as a subscription, asked about where what is signed does not say.

How a billing tool is called belongs into ``integrations``; what contracts tell, into ``dealwright.learning``.
"""
