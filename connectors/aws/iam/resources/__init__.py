"""Resources of IAM."""
