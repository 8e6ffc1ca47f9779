"""How the connector signs in and asks: settings, OAuth scopes, the client, and the declaration of the connector."""
