"""Applications with the policies that they are signed in by, identity providers, authorization servers."""
