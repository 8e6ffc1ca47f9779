"""Redshift: clusters."""
