"""AWS Backup: what is backed up, which jobs ran, and which restores were tried."""
