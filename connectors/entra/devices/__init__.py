"""Devices that Intune manages, and what it demands of them."""
