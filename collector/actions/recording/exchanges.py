"""Keep the first answers of each operation while collections run, in memory only."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.core.scopes import Scope
from collector.core.wire import Exchange

if TYPE_CHECKING:
    from collector.core.wire import Tap
    from collector.engine.sources import Source


@dataclass(frozen=True)
class Heard:
    """One exchange, and the scope in which it was made."""

    scope: Scope
    exchange: Exchange


class Exchanges:
    """The first `most` answers of each operation and status; a query of a query language is one of its own.

    `answers` counts all, and `refused` those with a status of 400 or more. Safe for several threads.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._heard: dict[tuple[str, str, int], list[Heard]] = {}
        self.answers = 0
        self.refused: Counter[str] = Counter()

    def tap_of(self, _source: Source, scope: Scope) -> Tap:
        """Return a tap that keeps what is said in a scope."""

        def tap(exchange: Exchange) -> None:
            variant = (exchange.call.operation, _query_of(exchange), exchange.status)
            with self._lock:
                self.answers += 1
                if exchange.status >= 400:  # noqa: PLR2004  refusals and errors
                    self.refused[exchange.call.operation] += 1
                kept = self._heard.setdefault(variant, [])
                if len(kept) < self._most:
                    kept.append(Heard(scope, exchange))

        return tap

    def heard(self) -> dict[tuple[str, int], list[Heard]]:
        """Return what was kept, by operation and status, in the order of their names."""
        with self._lock:
            together: dict[tuple[str, int], list[Heard]] = {}
            for (operation, _, status), kept in sorted(self._heard.items()):
                together.setdefault((operation, status), []).extend(kept)
            return together


def _query_of(exchange: Exchange) -> str:
    """Return a digest of the query in a request's body; empty where there is none."""
    if not exchange.sent.lstrip().startswith(b"{"):
        return ""
    try:
        query = json.loads(exchange.sent).get("query")
    except ValueError:
        return ""
    return hashlib.sha256(query.encode()).hexdigest() if isinstance(query, str) else ""
