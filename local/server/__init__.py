"""A Temporal server on this machine: found or built, started, watched and stopped."""
