"""Buckets of Cloud Storage."""
