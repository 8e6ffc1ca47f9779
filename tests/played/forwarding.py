"""A wire that passes everything on, for those that change one thing of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.core.wire import Answer, Call, Wire


@dataclass
class Forwarding:
    """Passes on to the real wire what it is told."""

    wire: Wire

    @property
    def largest_answer(self) -> int:
        """As large as the real one allows."""
        return self.wire.largest_answer

    @property
    def scope_facts(self) -> Mapping[str, Any]:
        """What the real one has."""
        return self.wire.scope_facts

    @property
    def seconds_left(self) -> float:
        """As long as the real one allows."""
        return self.wire.seconds_left

    def before(self, call: Call) -> None:
        """Pass it on."""
        self.wire.before(call)

    def after(self, call: Call, answer: Answer) -> None:
        """Pass it on."""
        self.wire.after(call, answer)

    def pause(self, seconds: float) -> None:
        """Pass it on."""
        self.wire.pause(seconds)
