"""What all Azure collections share: client, operations with their versions, errors, quotas and settings."""
