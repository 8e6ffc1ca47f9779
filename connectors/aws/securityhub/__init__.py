"""Security Hub CSPM: the hub of each region and its standards."""
