"""Zones of Cloud DNS."""
