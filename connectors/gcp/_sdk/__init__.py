"""What collections of Google Cloud stand on: settings, the client of a scope, the connector itself."""
