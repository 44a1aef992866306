"""What the commands about a playbook's folder share: its files, the deals that its tests tell, and their timelines.

What a test may say, and whether it holds, belongs into ``simulation.playbook_tests``.
"""
