"""Wires for tests: one that counts, one that refuses."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector.core.wire import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class CountingWire:
    """Lets every call through; `refuse` is raised instead of the call of that number, counted from one."""

    largest_answer: int = 50_000_000
    scope_facts: Mapping[str, Any] = field(default_factory=dict)
    seconds_left: float = 3600.0
    refuse: dict[int, Exception] = field(default_factory=dict)
    sent: list[Call] = field(default_factory=list)
    received: list[tuple[Call, Answer]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, call: Call) -> None:
        """Count a call, or refuse it."""
        with self._lock:
            if (refusal := self.refuse.get(len(self.sent) + 1)) is not None:
                raise refusal
            self.sent.append(call)

    def after(self, call: Call, answer: Answer) -> None:
        """Remember an answer."""
        with self._lock:
            self.received.append((call, answer))

    def pause(self, seconds: float) -> None:
        """Remember a pause, and do not wait."""
        self.pauses.append(seconds)

    @property
    def operations(self) -> list[str]:
        """What was asked, in order."""
        return [call.operation for call in self.sent]
