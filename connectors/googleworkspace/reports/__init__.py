"""Reports: what administrators changed, and how super administrators use their mailboxes."""
