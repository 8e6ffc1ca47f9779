"""What all Okta collections share: settings, operations with their scopes, client, sign-in and errors."""
