"""Repositories: settings, branch protection, changes, files, deploy keys, environments, webhooks."""
