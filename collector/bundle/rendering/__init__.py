"""Rendering a bundle from what it proves: its log entries, lists, evidence and the configuration that one states."""
