"""Populations, and samples drawn from them."""
