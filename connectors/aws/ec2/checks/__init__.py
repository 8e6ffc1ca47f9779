"""Checks of EC2."""
