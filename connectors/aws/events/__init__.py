"""EventBridge: rules of the default bus."""
