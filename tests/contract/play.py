"""What a connector's tests provide, so that the contract suite can play its platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from msgspec import Struct

    from collector.core.connectors import Connector


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


class Play(Protocol):
    """A connector, and a platform for it with at least one resource of each kind.

    `paged`: the calls that come in pages, of which the estate has two. `free`: calls that the platform documents as
    needing no permission. `attempts`: how often the SDK sends one request at most. `canaries`: texts that are planted
    in the estate and must be found nowhere, at least one at each path that a kind declares as secret.
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

    def estate(self) -> AbstractContextManager[Double]:
        """Start the platform afresh; it ends with the context."""

    def settings(self, double: Any) -> Struct:
        """Return settings of a source that looks at this platform."""
