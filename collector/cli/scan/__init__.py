"""Commands that look: scan, plan, serve, demo, doctor."""
