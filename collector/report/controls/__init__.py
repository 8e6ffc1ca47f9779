"""Controls with their status and story, and what stands between them and evidence on file."""
