"""Backup and DR."""
