"""EKS: clusters."""
