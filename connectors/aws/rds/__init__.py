"""RDS: databases, clusters and their snapshots, those of Aurora, DocumentDB and Neptune too."""
