"""Configuration, secrets, loading of connectors and own code, and `App`: what every action needs."""
