"""Acme's project at Google Cloud, in which its analytics run."""
