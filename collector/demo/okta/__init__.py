"""Acme's organization at Okta, where the contractors of its shop sign in."""
