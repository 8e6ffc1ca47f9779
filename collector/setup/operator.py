"""The user who runs a command, as the operating system names them."""

from __future__ import annotations

import getpass
import hashlib
import socket


def operator() -> str:
    """Return the user's name, and a digest of the machine's name."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "a user without a name"
    host = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12]
    return f"{user} on host {host}"
