"""The store of the daemon: open for writing for as long as a run needs it, and shared by all that go on then."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING

from collector.core.errors import AnnexdError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from collector.setup.app import App
    from storage import SqlStore


class SharedStore:
    """Opens the store for its first user and closes it after the last, so that commands can write in between."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._store: SqlStore | None = None
        self._users = 0

    @contextmanager
    def use(self, app: App, wait: timedelta | None = None) -> Iterator[SqlStore]:
        """Yield the store, open for writing. Raises WrittenByAnother where another process has it.

        A store that takes no more writes is closed at once: whoever else uses it fails as well, and the next use opens
        it anew.
        """
        with self._lock:
            if self._store is None:
                self._store = app.open_store(writer=True) if wait is None else app.open_store(writer=True, wait=wait)
                self._users = 0
            store = self._store
            self._users += 1
        try:
            yield store
        finally:
            self._leave(store)

    def flush(self) -> None:
        """Write what is held back, for a process that is about to end. Raises StoreError."""
        with self._lock:
            store = self._store
        if store is not None:
            store.write_pending()

    def _leave(self, store: SqlStore) -> None:
        with self._lock:
            if store is not self._store:  # it was broken, and is closed
                return
            self._users -= 1
            if store.is_broken:
                self._store = None
                with suppress(AnnexdError):  # whoever met the error has told it
                    store.close()
            elif not self._users:
                self._store = None
                store.close()
