"""Databases: connections, the single writer, locks, the store key, blobs, and encodings of columns."""
