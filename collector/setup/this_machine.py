"""Who runs annexd, and on which machine, as far as this machine knows."""

from __future__ import annotations

import getpass
import hashlib
import socket


def this_user() -> str:
    """Return the name of who gave the command, as the operating system has it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"  # a container may run a number that has no name


def this_host() -> str:
    """Return what tells machines apart without naming them."""
    return "sha256:" + hashlib.sha256(socket.gethostname().encode()).hexdigest()
