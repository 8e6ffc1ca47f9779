"""Key vaults, by the control plane: what is in them by name and date, and never a value."""
