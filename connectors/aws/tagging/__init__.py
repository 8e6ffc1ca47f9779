"""Tags of data stores."""
