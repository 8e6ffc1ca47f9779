"""What Cloud Asset Inventory knows of resources; its lists may lag."""
