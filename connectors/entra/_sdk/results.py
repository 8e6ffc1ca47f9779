"""Results that several parts share: asked for once by a client, with the refusal where there was one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

from collector.core.errors import ConnectorError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Once:
    """Results by name. One thread makes a result while the others wait."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._results: dict[str, Any] = {}

    def get(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` returned the first time that this name was asked for.

        Raises ConnectorError where `make` did, the same one every time. Any other error passes and is not kept.
        """
        with self._lock:
            if name not in self._results:
                try:
                    self._results[name] = make()
                except ConnectorError as error:
                    self._results[name] = error
            result = self._results[name]
        if isinstance(result, ConnectorError):
            raise result
        found: T = result
        return found
