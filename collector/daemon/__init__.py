"""The daemon: each source is scanned at its own interval, one run at a time."""
