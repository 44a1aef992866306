"""The eight laws of the core, each judged by an examiner that reads the journal and the effects, and nothing else."""
