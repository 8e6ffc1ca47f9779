"""GitHub Actions: settings, secrets, runners, workflows."""
