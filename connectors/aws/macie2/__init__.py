"""Macie: whether it is on."""
