"""Random deal lives on a virtual clock, and the examiner of the laws that they must keep.

It knows only ``dealwright``. Tests and the bench import it, not it them.
"""
