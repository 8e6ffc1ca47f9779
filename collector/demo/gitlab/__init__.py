"""Acme's group on a GitLab of its own, where the agency that builds the shop's theme works."""
