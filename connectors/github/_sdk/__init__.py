"""What all GitHub collections share: client, sign-in, HTTP connection, caches, errors and settings."""
