"""Azure SQL: servers and their databases."""
