"""What is known at a moment: collections, verdicts, coverage, and the status of every control."""
