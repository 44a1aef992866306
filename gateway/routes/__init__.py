"""The routes of the HTTP API, one module for each thing they are about.

How a deal is reached belongs into ``gateway.deal_service``.
"""
