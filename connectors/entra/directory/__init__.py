"""The directory: its people, domains, licences and settings."""
