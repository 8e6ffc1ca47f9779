"""For whom a thread is asking, so that one connection serves every scope and each request counts for its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from collector.core.wire import Call, Wire


@dataclass(frozen=True)
class Asking:
    """The wire that requests pass, and the call that they belong to."""

    wire: Wire
    call: Call


_ASKING: ContextVar[Asking] = ContextVar("annexd_github_asking")


@contextmanager
def asking(wire: Wire, call: Call) -> Iterator[None]:
    """Let the requests of this thread count as a call on a wire."""
    token = _ASKING.set(Asking(wire, call))
    try:
        yield
    finally:
        _ASKING.reset(token)


def now_asking() -> Asking:
    """Return what this thread asks. Raises LookupError where a request goes out that nobody announced."""
    return _ASKING.get()
