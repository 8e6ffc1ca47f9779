"""Storage accounts with their services."""
