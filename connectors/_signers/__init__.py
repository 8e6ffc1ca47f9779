"""Services that sign for annexd, so that the signing key is never on its machine."""
