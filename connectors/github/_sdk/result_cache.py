"""Results that several collections of one client, or all clients of one source, share: requested once, used by name."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConnectorError
from connectors.github._sdk.errors import explain

if TYPE_CHECKING:
    from collections.abc import Callable


class ResultCache:
    """Results and errors of GitHub by name. Safe for several threads: one makes a result while the others wait."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._results: dict[str, Any] = {}

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what `make` returned the first time that this name was requested; `make` is called once for a name.

        Raises ConnectorError where `make` failed with an error of GitHub's, the same one every time. Any other error
        passes through and is not kept, so that the next call tries again.
        """
        with self._lock:
            if name not in self._results:
                try:
                    self._results[name] = make()
                except Exception as error:
                    failure = explain(error)
                    if failure is None:
                        raise  # the run is stopping, or annexd has a defect: GitHub did not refuse
                    self._results[name] = failure
            result = self._results[name]
        if isinstance(result, ConnectorError):
            raise result
        return result
