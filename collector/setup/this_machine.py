"""The user who runs annexd, and the machine, as the operating system names them."""

from __future__ import annotations

import getpass
import hashlib
import socket


def this_user() -> str:
    """Return the user's name, 'unknown' where there is none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"  # a container may run as a numeric user without a name


def this_host() -> str:
    """Return a digest of the machine's name."""
    return "sha256:" + hashlib.sha256(socket.gethostname().encode()).hexdigest()


def operator() -> str:
    """Return who ran a command and where, in the one line that a log entry keeps."""
    return f"{this_user()} on host {this_host().removeprefix('sha256:')[:12]}"
