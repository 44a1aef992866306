"""What ``decide`` is made of: one module for each thing a deal does."""
