"""Who gives a command, as far as this machine knows."""

from __future__ import annotations

import getpass
import hashlib
import socket


def operator() -> str:
    """Return the user's name, and what tells this machine from another without naming it."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "a user without a name"
    host = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12]
    return f"{user} on host {host}"
