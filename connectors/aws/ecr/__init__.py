"""ECR: repositories, and how the registry scans their images."""
