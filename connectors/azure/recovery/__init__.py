"""Azure Backup: vaults, what they protect, and how its jobs ended."""
