"""Policies and their rules as one model: which of them decides, and what it asks of whoever signs in."""
