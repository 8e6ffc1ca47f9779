"""The company's own files and records."""
