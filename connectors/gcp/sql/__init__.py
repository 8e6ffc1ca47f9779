"""Instances of Cloud SQL."""
