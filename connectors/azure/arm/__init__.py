"""The tenant itself: subscriptions, management groups, and every resource by name and tags."""
