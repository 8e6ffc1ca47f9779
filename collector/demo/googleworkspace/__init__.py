"""Acme at Google Workspace: a simulated Google, and the made-up company in it."""
