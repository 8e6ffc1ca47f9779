"""Alerts on logs, and who is told by them."""
