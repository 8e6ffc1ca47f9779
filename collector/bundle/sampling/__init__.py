"""Populations, and samples taken from them."""
