"""Proving a bundle to be what its log recorded, with nothing but the bundle and a key from elsewhere."""
