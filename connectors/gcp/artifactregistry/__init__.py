"""Repositories of Artifact Registry."""
