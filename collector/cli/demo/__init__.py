"""`annexd demo`."""
