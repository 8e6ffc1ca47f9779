"""The instance as a whole, on GitLab Self-Managed and Dedicated, and the credential that annexd signs in with."""
