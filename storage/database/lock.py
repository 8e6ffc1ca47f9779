"""The lock file of a SQLite store: one process holds it; others get an error that names the holder."""

from __future__ import annotations

import fcntl
import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.core.errors import StoreError
from collector.core.spans import show_time
from storage.database.lease import WrittenByAnother, this_process

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_NOTE_SIZE = 400
_PAUSE = 0.05  # seconds between two tries; the kernel has no lock with a time limit


class WriterLock:
    """An exclusive lock on a file until it is released or the process ends.

    Raises WrittenByAnother where another process holds it for longer than `wait`.
    """

    def __init__(self, path: Path, at: datetime, *, wait: timedelta = timedelta(0)) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._take(time.monotonic() + wait.total_seconds())
        except BlockingIOError as error:
            holder = os.pread(self._handle, _NOTE_SIZE, 0).decode("utf-8", "replace").strip() or "another process"
            os.close(self._handle)
            raise WrittenByAnother(holder) from error
        except OSError as error:
            os.close(self._handle)
            raise StoreError(
                f"{path} cannot be locked: {error.strerror}",
                so="two processes could write at once, so nothing is written",
                mend="keep the store on a local disk",
            ) from error
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{this_process()} since {show_time(at)}\n".encode(), 0)

    def _take(self, until: float) -> None:
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def release(self) -> None:
        """Release the lock."""
        os.close(self._handle)
