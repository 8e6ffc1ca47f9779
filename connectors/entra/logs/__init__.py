"""Where the logs of the directory go, and what they say of changes."""
