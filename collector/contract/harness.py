"""The interface of a harness, with which the contract suite runs a connector against a double of its platform."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Protocol

from collector.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from msgspec import Struct

    from collector.contract.raw_answers import Make
    from collector.core.connectors import Connector

GROUP = "annexd.contract"
"""The entry points by which a distribution offers the harness of its connector: NAME = "module:function"."""


@dataclass(frozen=True)
class Throttle:
    """One way in which a platform says that there were too many requests.

    `seconds`: how long its answer asks one to wait where it has no Retry-After; None where it does not say.
    """

    make: Make
    seconds: float | None = None


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

    def endless(self, call: str, pages: int | None = None) -> None:
        """Answer a call in pages without an end, each with a token of its own; with `pages`, in so many."""

    def stretch(self) -> None:
        """Spread every list of `paged` over more than ten pages."""

    def play(self, call: str, make: Make) -> None:
        """Answer a call from now on with what `make` makes of each request and of the double's own answer.

        `make` also sees requests that another host should get. Where it raises TimeoutError, the client's own error for
        an answer that does not come is raised in its place.
        """


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
    def throttles(self) -> Mapping[str, Throttle]:
        """The platform's own ways to say that there were too many requests; without any, status 429 is played."""

    @property
    def not_possible(self) -> Mapping[str, str]:
        """What the suite would play and the platform cannot do, with the reason.

        The key is the word of a rule for it (`empty`, `next link`), for every call or followed by one:
        `empty s3:GetBucketVersioning`.
        """

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
            mend=f'offer one by the entry point group {GROUP}: {name} = "module:function",'
            " and install it again, which is when entry points are read;"
            f" there are harnesses for: {', '.join(offered()) or 'none'}",
        )
    made: Harness = entries[name].load()()
    return made
