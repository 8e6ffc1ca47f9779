"""What is read of IAM."""
