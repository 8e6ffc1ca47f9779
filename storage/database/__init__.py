"""Databases: connections, the one writer, locks, keys beside the database, blobs, columns."""
