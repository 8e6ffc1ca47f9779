"""Alerts: what began and what is over since the last look, to whom it goes, and whether it arrived."""
