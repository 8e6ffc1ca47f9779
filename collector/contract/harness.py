"""What a connector brings, so that the contract suite can run it against a platform on this machine."""

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
    """A platform that answers on this machine. `call` is always as the connector declares it."""

    @property
    def count(self) -> int:
        """How many requests it has answered, whoever sent them."""

    def served(self, call: str) -> int:
        """How many of them were of this call."""

    def deny(self, call: str) -> None:
        """Refuse it from now on, as the platform refuses one who lacks the permission."""

    def fail(self, call: str) -> None:
        """Fail from now on, as the platform fails when it is down."""

    def cut(self, call: str) -> None:
        """Give the first page and fail at every other one."""

    def circle(self, call: str) -> None:
        """Give pages that lead back to the first: A, B, A, B."""

    def repeat(self, call: str) -> None:
        """Give a page that names itself as the next."""

    def endless(self, call: str) -> None:
        """Give pages without an end, each with a token of its own."""

    def stretch(self) -> None:
        """Spread every list of `paged` over more than ten pages."""


class Harness(Protocol):
    """A connector, and a double of its platform with at least one resource of each kind.

    `paged`: the calls that come in pages, of which the fixture has two. `free`: calls that the platform documents as
    needing no permission. `attempts`: how often the SDK sends one request at most. `canaries`: texts that are planted
    in the fixture and must be found nowhere in what is kept, at least one at each path that a kind declares as secret.
    """

    @property
    def connector(self) -> Connector[Any, Any]:
        """The connector."""

    @property
    def paged(self) -> frozenset[str]:
        """See above."""

    @property
    def free(self) -> frozenset[str]:
        """See above."""

    @property
    def attempts(self) -> int:
        """See above."""

    @property
    def canaries(self) -> Mapping[str, str]:
        """See above."""

    def fixture(self) -> AbstractContextManager[Double]:
        """Start the platform afresh; it ends with the context."""

    def settings(self, double: Any, /) -> Struct:
        """Return settings of a source that reads this platform."""


def offered() -> tuple[str, ...]:
    """Return the names of the connectors that have a harness here, sorted."""
    return tuple(sorted(entry.name for entry in entry_points(group=GROUP)))


def harness_of(name: str) -> Harness:
    """Return the harness that a distribution offers for a connector. Raises UsageError where none does."""
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        raise UsageError(
            f"no distribution offers a harness for the connector {name!r}",
            so="the contract suite needs a double of the platform to run the connector against",
            mend=f'offer one by the entry point group {GROUP}: {name} = "module:function";'
            f" there are harnesses for: {', '.join(offered()) or 'none'}",
        )
    made: Harness = found[name].load()()
    return made
