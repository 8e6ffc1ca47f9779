"""IAM: people, roles, credentials, trust."""
