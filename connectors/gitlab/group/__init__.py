"""A top-level group with its subgroups: settings, people, tokens, webhooks, the audit log."""
