"""One gate for every call, in place of the gates of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.core.wire import Call
    from collector.engine.gate import Gate


@dataclass(frozen=True)
class OneGate:
    """Every call passes the same gate, whatever the platform names it."""

    gate: Gate

    def of(self, _call: Call) -> Gate:
        """The gate."""
        return self.gate

    def named(self, _call: Call, _bucket: str) -> Gate:
        """The gate."""
        return self.gate
