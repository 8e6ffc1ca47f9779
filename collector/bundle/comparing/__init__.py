"""Comparing two bundles: what an auditor who has both wants to know first."""
