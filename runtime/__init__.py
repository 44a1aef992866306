"""What every process of ours needs: settings, connection, converter, workflow runner, logging, health.

What runs only on a developer's machine belongs into ``local``.
"""
