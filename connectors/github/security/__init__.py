"""Alerts: dependencies, code scanning, secret scanning."""
