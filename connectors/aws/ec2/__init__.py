"""EC2: networks and storage."""
