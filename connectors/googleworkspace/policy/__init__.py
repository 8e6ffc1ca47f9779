"""Settings of the Admin console: what the Policy API lists, and the checks on it, one module for each area."""
