"""A made-up company on made-up platforms, so that annexd can be tried without an account anywhere."""
