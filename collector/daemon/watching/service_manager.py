"""Words for the service manager: systemd's protocol of datagrams, where it set NOTIFY_SOCKET."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MILLION = 1_000_000


class ServiceManager:
    """Tells the service manager that the daemon is ready, that it goes on, and what it does. Silent without one."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        path = environ.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is in the kernel and not in a file system.
        self._address = "\0" + path[1:] if path.startswith("@") else path
        micros = environ.get("WATCHDOG_USEC", "")
        mine = environ.get("WATCHDOG_PID", "") in {"", str(os.getpid())}
        self._watchdog = int(micros) / _MILLION if micros.isdigit() and mine else None

    @property
    def turns_every(self) -> float | None:
        """Seconds within which it wants to hear that the daemon goes on; half of what it waits. None: it does not."""
        return None if self._watchdog is None else self._watchdog / 2

    def ready(self, status: str) -> None:
        """Tell that the daemon serves."""
        self._send(f"READY=1\nSTATUS={status}")

    def reloading(self) -> None:
        """Tell that the configuration is read again; `ready` follows."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def goes_on(self, status: str) -> None:
        """Tell that the daemon goes on, and what it does."""
        self._send(f"WATCHDOG=1\nSTATUS={status}" if self._watchdog is not None else f"STATUS={status}")

    def stopping(self, status: str) -> None:
        """Tell that the daemon ends."""
        self._send(f"STOPPING=1\nSTATUS={status}")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            # A manager that is busy must not hold up the loop.
            manager.setblocking(False)
            manager.sendto(text.encode(), self._address)
