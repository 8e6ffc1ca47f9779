"""Findings of Security Command Center."""
