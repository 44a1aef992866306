"""Random lives of deals, and what must be true of every one of them."""
