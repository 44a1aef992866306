"""The domain of Dealwright: pure rules over recorded facts. No Temporal, no I/O, no clock."""
