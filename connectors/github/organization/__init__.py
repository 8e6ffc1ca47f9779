"""The organization: settings, people, apps, audit log."""
