"""Resources of EC2."""
