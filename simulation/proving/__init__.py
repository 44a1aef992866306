"""Short random lives of any playbook, and the shortest story that breaks one of its policies.

What a policy may say belongs into ``simulation.policies``; lives that try the engine itself into ``simulation.life``.
"""
