"""People: signing in, sessions, roles, and what auditors looked at."""
