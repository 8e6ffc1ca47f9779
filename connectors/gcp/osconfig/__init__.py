"""Vulnerabilities that the agents of instances report."""
