"""Sharing, mail, meetings, labels and incidents of Microsoft 365."""
