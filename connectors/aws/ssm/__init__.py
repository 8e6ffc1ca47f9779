"""Systems Manager: managed instances and their patches."""
