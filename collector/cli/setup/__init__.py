"""Commands that prepare annexd: configuration, connectors, permissions."""
