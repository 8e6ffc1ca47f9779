"""What is read of EC2."""
