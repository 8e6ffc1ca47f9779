"""The events of a daemon, from its schedule or from a signal."""

from __future__ import annotations

from dataclasses import dataclass

from collector.core import facts


@dataclass(frozen=True)
class Run:
    """The time of a source has come."""

    source: str


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


Event = Run | Seal | Verify | Verified | Reload | End
