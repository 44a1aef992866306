"""What all simulators of tools share: control plane, call log, switches for misbehaviour, signed webhooks, own process.

What one tool's API says and requires belongs into ``integrations/<tool>/simulator/``.
"""
