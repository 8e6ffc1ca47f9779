"""Lock files of a SQLite store: that of runs names its holder to others; that of batches lets writers take turns."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.core.errors import StoreError
from collector.core.spans import show_time
from storage.database.lease import WrittenByAnother, this_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

_NOTE_SIZE = 400
_PAUSE = 0.05  # seconds between two tries; the kernel has no lock with a time limit
_TURN_PAUSE = 0.001  # a small transaction takes a few of them


class Turns:
    """Lets processes that wait for SQLite's write lock begin one after the other.

    SQLite lets whoever asks at the right moment write, which is nearly always the one that wrote before. Here whoever
    is next holds a lock file while it waits, so that the one before cannot overtake it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def next(self, wait: timedelta) -> Iterator[None]:
        """Hold the place of the one that writes next. Raises StoreError where it is not free within `wait`."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            until = time.monotonic() + wait.total_seconds()
            while not _taken(handle):
                if time.monotonic() >= until:
                    raise StoreError(
                        f"the store was being written by other processes for {wait.total_seconds():.0f} seconds",
                        so="this was not recorded; what was acknowledged is kept",
                        mend="find out which process hangs, and stop it; then try again",
                    )
                time.sleep(_TURN_PAUSE)
            yield
        finally:
            os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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
