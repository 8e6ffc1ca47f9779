"""CloudTrail: the audit trail."""
