"""Which wire and which call the requests of a thread belong to.

One connection of PyGithub serves every scope of a source and takes no such argument, so it is kept in a context
variable while a request is made: each request is then counted for the scope that made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from collector.core.wire import Call, Wire


@dataclass(frozen=True)
class RequestContext:
    """The wire that requests pass, and the call that they are recorded as."""

    wire: Wire
    call: Call


_CURRENT: ContextVar[RequestContext] = ContextVar("annexd_github_request")


@contextmanager
def requests_for(wire: Wire, call: Call) -> Iterator[None]:
    """Record the requests of this thread as a call on a wire, until the block ends."""
    token = _CURRENT.set(RequestContext(wire, call))
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_request() -> RequestContext:
    """Return the wire and call of this thread. Raises LookupError outside of a block of `requests_for`."""
    return _CURRENT.get()
