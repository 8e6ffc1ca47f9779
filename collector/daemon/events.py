"""The events of a daemon, from its schedule or from a signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.core import facts

if TYPE_CHECKING:
    from collector.actions.scan_report import ScanReport


@dataclass(frozen=True)
class Run:
    """The time of a source has come."""

    source: str


@dataclass(frozen=True)
class Ended:
    """The run of a source has ended: with what it came to, None where there was nothing to do, or with an error."""

    source: str
    report: ScanReport | None
    failure: BaseException | None = None


@dataclass(frozen=True)
class Seal:
    """Whatever no checkpoint covers yet is to be signed."""


@dataclass(frozen=True)
class Verify:
    """The store is to be verified, in a process of its own."""


@dataclass(frozen=True)
class Verified:
    """That process has ended: with what it found, or with `undone`, why it could not be done."""

    found: facts.Verified | None
    undone: str | None = None


@dataclass(frozen=True)
class Reload:
    """The configuration is to be read again."""


@dataclass(frozen=True)
class End:
    """The daemon is to end; `why` is the name of the signal."""

    why: str


Event = Run | Ended | Seal | Verify | Verified | Reload | End
