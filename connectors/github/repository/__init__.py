"""Repositories: access, protection, changes, files."""
