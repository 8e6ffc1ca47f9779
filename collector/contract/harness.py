"""The interface of a harness, with which the contract suite runs a connector against a double of its platform."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Protocol

from collector.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from msgspec import Struct

    from collector.core.connectors import Connector

GROUP = "annexd.contract"
"""The entry points by which a distribution offers the harness of its connector: NAME = "module:function"."""


class Double(Protocol):
    """A simulated platform on this machine. `call` is always as the connector declares it."""

    @property
    def count(self) -> int:
        """How many requests were answered."""

    def served(self, call: str) -> int:
        """Return how many of them were of this call."""

    def deny(self, call: str) -> None:
        """Refuse a call from now on, as the platform does for lack of the permission."""

    def fail(self, call: str) -> None:
        """Answer a call with an error of the server from now on."""

    def cut(self, call: str) -> None:
        """Answer the first page of a call, and every other with an error of the server."""

    def circle(self, call: str) -> None:
        """Answer a call in pages that lead back to the first: A, B, A, B."""

    def repeat(self, call: str) -> None:
        """Answer a call with a page that names itself as the next."""

    def endless(self, call: str) -> None:
        """Answer a call in pages without an end, each with a token of its own."""

    def stretch(self) -> None:
        """Spread every list of `paged` over more than ten pages."""


class Harness(Protocol):
    """A connector, and a double of its platform with at least one resource of each kind."""

    @property
    def connector(self) -> Connector[Any, Any]:
        """The connector."""

    @property
    def paged(self) -> frozenset[str]:
        """The calls that come in pages, of which the fixture has two."""

    @property
    def free(self) -> frozenset[str]:
        """Calls that the platform documents as needing no permission."""

    @property
    def attempts(self) -> int:
        """How often the SDK sends one request at most."""

    @property
    def canaries(self) -> Mapping[str, str]:
        """Secret texts in the fixture by name, at least one at each redacted path; none may be stored."""

    def fixture(self) -> AbstractContextManager[Double]:
        """Start a new platform, which ends with the context."""

    def settings(self, double: Any, /) -> Struct:
        """Return settings of a source that reads this platform."""


def offered() -> tuple[str, ...]:
    """Return the names of the connectors that have a harness here, sorted."""
    return tuple(sorted(entry.name for entry in entry_points(group=GROUP)))


def harness_of(name: str) -> Harness:
    """Return the harness that a distribution offers for a connector. Raises UsageError where none does."""
    entries = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in entries:
        raise UsageError(
            f"no distribution offers a harness for the connector {name!r}",
            so="the contract suite needs a double of the platform to run the connector against",
            mend=f'offer one by the entry point group {GROUP}: {name} = "module:function";'
            f" there are harnesses for: {', '.join(offered()) or 'none'}",
        )
    made: Harness = entries[name].load()()
    return made
