"""GitHub Actions: rights, runners, workflows."""
