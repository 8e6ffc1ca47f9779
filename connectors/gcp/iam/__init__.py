"""Policies of projects, roles, service accounts and their keys."""
