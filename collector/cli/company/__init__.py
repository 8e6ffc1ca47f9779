"""Commands about the company's own files and records."""
