"""Firewalls: which part of the internet reaches which ports, by all rules that count, in their order."""
