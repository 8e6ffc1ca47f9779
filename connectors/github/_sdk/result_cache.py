"""What is asked of GitHub once and used many times."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConnectorError
from connectors.github._sdk.errors import explain

if TYPE_CHECKING:
    from collections.abc import Callable


class Once:
    """Remembers answers by name; used by several threads, of which one asks while the others wait."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}

    def __call__(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what `make` gives, asked once; what it raised is raised again, and asked no more."""
        with self._lock:
            if name not in self._made:
                try:
                    self._made[name] = make()
                except Exception as error:
                    known = explain(error)
                    if known is None:
                        raise  # the run is stopping, or the fault is ours: neither is GitHub's last word
                    self._made[name] = known
            found = self._made[name]
        if isinstance(found, ConnectorError):
            raise found
        return found
