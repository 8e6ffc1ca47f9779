"""Resources of S3."""
