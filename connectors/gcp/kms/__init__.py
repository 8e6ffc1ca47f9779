"""Keys of Cloud KMS."""
