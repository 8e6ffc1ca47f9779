"""Measurements against the goals; they print ratios and judge nothing."""
