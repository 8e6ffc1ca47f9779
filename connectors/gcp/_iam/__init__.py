"""Policies of IAM as one model: who is granted what, from the organization down to a project."""
