"""ElastiCache: replication groups."""
