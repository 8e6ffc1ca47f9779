"""Parts of pages that take long to make: each made once for a snapshot, in a thread of their own.

A page waits a moment for its part, and otherwise says that it is being made and is fetched again. So a page is quick
however long its history is, and a part never mixes moments: it is made from the snapshot of its page.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from collector.web.snapshot import Snapshot, Snapshots

    _Made = TypeVar("_Made")

_MOST = 6
"""Parts of a snapshot that are kept or being made at a time."""


class SlowParts:
    """Makes parts one at a time; `patience` is how many seconds a page waits for one."""

    def __init__(self, snapshots: Snapshots, patience: float) -> None:
        self._snapshots = snapshots
        self._patience = patience
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, "annexd-web-part")

    def get(self, snapshot: Snapshot, name: str, make: Callable[[], _Made], *, of_log: bool = False) -> _Made | None:
        """Return a part of a snapshot, by its name; None while it is being made.

        One that is `of_log` is the same as long as nothing is recorded, and goes over to the next snapshot until then.
        Raises what `make` raised, for this snapshot every time.
        """
        future = self._begun(snapshot, snapshot.of_log if of_log else snapshot.parts, name, make)
        if future is None:
            return None
        try:
            return future.result(self._patience)
        except TimeoutError:
            return None

    def _begun(
        self, snapshot: Snapshot, parts: dict[str, Future[Any]], name: str, make: Callable[[], _Made]
    ) -> Future[_Made] | None:
        """Return what makes a part; None where so many are being made that it has to be asked for again."""
        with self._lock:
            future = parts.pop(name, None)
            if future is None:
                if len(parts) >= _MOST:
                    done = next((kept for kept, other in parts.items() if other.done()), None)
                    if done is None:
                        return None
                    del parts[done]
                self._snapshots.keep(snapshot)
                future = self._thread.submit(make)
                future.add_done_callback(partial(self._give_back, snapshot))
            parts[name] = future  # the one that was asked for last is the last to be given up
            return future

    def _give_back(self, snapshot: Snapshot, _future: Future[_Made]) -> None:
        self._snapshots.give_back(snapshot)
