"""Findings and the evidence that they are based on."""
