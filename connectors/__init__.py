"""Connectors, one folder for each platform: its resource types, collections and checks."""
