"""Which images may run."""
