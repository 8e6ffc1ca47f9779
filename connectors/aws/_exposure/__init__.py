"""Whether the internet reaches a resource: one three-valued model for everything that has an address."""
