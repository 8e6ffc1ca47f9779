"""Whether Google asks before its people look."""
