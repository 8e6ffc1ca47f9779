"""What every module about GitLab stands on: settings, client, roles, refusals, the connector."""
