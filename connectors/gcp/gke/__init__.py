"""Clusters of Kubernetes Engine."""
