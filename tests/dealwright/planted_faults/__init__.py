"""Faults that are planted in the rules on purpose, by room.

Belongs here: what breaks a promise. Does not belong here: who must notice (``test_planted_faults_of_laws.py``).
"""
