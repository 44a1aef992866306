"""The team's own endpoints, which playbooks tell about deals: signed requests.

Events for whoever subscribes to them belong into ``gateway.events``.
"""
