"""Places outside, at vendors, where copies of checkpoints are kept."""
