"""Results that several collections of one client, or all clients of one source, share: asked for once, used by name."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from collector.core.errors import ConnectorError

T = TypeVar("T")


def _itself(error: Exception) -> ConnectorError | None:
    return error if isinstance(error, ConnectorError) else None


class SharedResults:
    """Results and refusals by name. Safe for several threads: one makes a result while the others wait.

    `explain` returns the ConnectorError that an error of a vendor's SDK stands for, None where the platform refused
    nothing; without it only a ConnectorError is kept.
    """

    def __init__(self, explain: Callable[[Exception], ConnectorError | None] = _itself) -> None:
        self._explain = explain
        self._lock = threading.RLock()
        self._results: dict[str, Any] = {}

    def get(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` returned the first time that this name was asked for; it is called once for a name.

        Raises ConnectorError where the platform refused, the same one every time. Any other error, such as that the
        run ends, passes through and is not kept, so that the next call tries again.
        """
        with self._lock:
            if name not in self._results:
                try:
                    self._results[name] = make()
                except Exception as error:
                    failure = self._explain(error)
                    if failure is None:
                        raise
                    self._results[name] = failure
            result = self._results[name]
        if isinstance(result, ConnectorError):
            raise result
        found: T = result
        return found
