"""People: users, groups, administrators and the factors that these have enrolled."""
