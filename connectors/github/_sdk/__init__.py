"""Talking to GitHub: client, sign-in, the connection that every request passes, errors, settings."""
