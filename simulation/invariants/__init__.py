"""What must be true of every life, whatever the deal is about: records, touches, schedule.

The laws of ``docs/behaviour.md`` belong into ``simulation.laws``.
"""
