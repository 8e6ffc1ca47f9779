"""Acme's Azure: one subscription, answered for in this process."""
