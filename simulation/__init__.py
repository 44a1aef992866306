"""Deal lives on a virtual clock: random ones with the examiner of what must be true of each, and timelines.

Imports ``dealwright`` only.

``python -m simulation 42`` lives the life of seed 42 again and tells its story, with what was wrong in it.

A life is made of ``moves`` (how deals are opened, facts, commands), drawn by a ``scenario``, and led by
``SimulatedDeal``: inbox, timer and effects around ``decide``, without Temporal. The ``examiner`` replays its entries
past every check: ``invariants`` hold for any deal, ``laws`` are those of ``docs/behaviour.md``, ``metamorphic``
relations ask what would be decided had the same come otherwise. ``timeline`` says in a playbook's words what happened
to a deal, and ``playbook_tests`` are tests that a team writes in these words. Planting faults belongs into the tests.
"""
