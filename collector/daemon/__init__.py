"""The daemon: each source is looked at by its own interval, one run at a time."""
