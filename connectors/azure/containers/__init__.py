"""Kubernetes clusters (AKS) and container registries (ACR)."""
