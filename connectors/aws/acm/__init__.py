"""Certificate Manager: certificates."""
