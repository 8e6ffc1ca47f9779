"""How Microsoft Graph is asked: settings, calls with their permissions, client, errors and quotas."""
