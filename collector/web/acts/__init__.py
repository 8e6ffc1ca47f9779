"""What people do on pages: each act is a log entry, written by the one writer of the store."""
