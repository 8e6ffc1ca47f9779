"""AWS Config: the record of configuration."""
