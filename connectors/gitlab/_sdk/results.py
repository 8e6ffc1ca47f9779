"""Answers that several collections of one client share: asked for once, used by name."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from collector.core.errors import ConnectorError


class Results:
    """Answers and refusals by name. Safe for several threads: one asks while the others wait for that name."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._results: dict[str, Any] = {}

    def get(self, name: str, ask: Callable[[], Any]) -> Any:
        """Return what `ask` returned the first time; it is called once for a name.

        Raises ConnectorError where `ask` did, the same one every time. Any other error, such as that the run ends,
        passes through and is not kept.
        """
        with self._lock:
            if name not in self._results:
                try:
                    self._results[name] = ask()
                except ConnectorError as error:
                    self._results[name] = error
            result = self._results[name]
        if isinstance(result, ConnectorError):
            raise result
        return result
