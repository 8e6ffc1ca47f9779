"""Secrets and their versions; what they hold is never asked for."""
