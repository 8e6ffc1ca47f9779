"""Constraints of the organization, as they are in force in a project."""
