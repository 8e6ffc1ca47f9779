"""One process writes. The others learn which, and since when."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from collector.core.errors import StoreError
from collector.core.spans import show_time

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_NOTE_SIZE = 200


class WriterLock:
    """Holds a file beside the database until it is released or the process ends, in whatever way."""

    def __init__(self, path: Path, at: datetime) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._handle, _NOTE_SIZE, 0).decode("utf-8", "replace").strip() or "another process"
            os.close(self._handle)
            raise StoreError(
                f"the store is being written by {holder}",
                so="only one process may write; reading goes on",
                mend="wait for it to end, or stop it; the lock goes with the process, so there is no file to remove",
            ) from error
        except OSError as error:
            os.close(self._handle)
            raise StoreError(
                f"{path} cannot be locked: {error.strerror}",
                so="two processes could write at once, so nothing is written",
                mend="keep the store on a local disk",
            ) from error
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"process {os.getpid()} since {show_time(at)}\n".encode(), 0)

    def release(self) -> None:
        """Let the next one write."""
        os.close(self._handle)
