"""Azure Database for PostgreSQL and for MySQL, as flexible servers: the single servers of before are retired."""
