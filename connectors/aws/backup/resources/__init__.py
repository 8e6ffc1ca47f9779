"""Resources of AWS Backup, and the data stores that should be backed up."""
