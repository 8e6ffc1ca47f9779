"""Talking to AWS: client, sign-in, the wire hooked into botocore, errors, settings."""
