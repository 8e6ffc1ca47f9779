"""What all AWS collections share: client, sign-in, hooks into botocore, errors and settings."""
