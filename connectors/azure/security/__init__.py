"""Defender for Cloud: plans, contacts, alerts, assessments with their findings, and just-in-time access."""
