"""The harness of an invented platform, on which the suite itself is tested."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from tests.played.checks import CHECKS
from tests.played.connector import Recipe, Settings, played, settings_for
from tests.played.platform import (
    CANARIES,
    MEMBERS,
    REPOS,
    TICKETS,
    WHOAMI,
    Platform,
    a_member,
    a_repo,
    an_org,
    circle,
    endless,
    page,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.contract.harness import Throttle
    from collector.contract.raw_answers import Make


class InventedDouble:
    """The double of the platform that the suite steers."""

    def __init__(self) -> None:
        self.platform = Platform(acme=an_org())

    @property
    def count(self) -> int:
        """How many requests were answered."""
        return self.platform.count

    def served(self, call: str) -> int:
        """Return how many of them were of this call."""
        return self.platform.served[call]

    def deny(self, call: str) -> None:
        """Answer 403."""
        self.platform.deny(call)

    def fail(self, call: str) -> None:
        """Answer 500."""
        self.platform.play(call, lambda _request: status(500))

    def cut(self, call: str) -> None:
        """Answer 500 from the second page on."""
        self.platform.play(call, lambda request: status(500) if "from" in request.url.params else None)

    def circle(self, call: str) -> None:
        """Answer A, B, A, B."""
        self.platform.play(call, circle)

    def repeat(self, call: str) -> None:
        """Answer with the page itself as the next."""
        self.platform.play(call, lambda _request: page([], following="0"))

    def endless(self, call: str, pages: int | None = None) -> None:
        """Answer for ever, or in so many pages."""
        self.platform.play(call, lambda request: endless(request, pages))

    def play(self, call: str, make: Make) -> None:
        """Answer with what is made of the platform's own answer."""
        self.platform.makes[call] = make

    def stretch(self) -> None:
        """Make all lists longer than ten pages."""
        numbers = range(14)
        self.platform.page_size = 1
        self.platform.orgs["acme"] |= {
            "members": [a_member(f"m{number}") for number in numbers],
            "tickets": [{"id": number, "state": "open"} for number in numbers],
            "projects": {"api": [a_repo(f"r{number}") for number in numbers]},
        }


class InventedHarness:
    """The played connector, or one that is changed by a recipe."""

    paged = frozenset({MEMBERS, TICKETS, REPOS})
    free = frozenset({WHOAMI})
    attempts = 3
    canaries = CANARIES
    throttles: ClassVar[dict[str, Throttle]] = {}

    def __init__(self, recipe: Recipe | None = None) -> None:
        self.connector = played(recipe)
        self.checks = CHECKS if recipe is None or not recipe.checks else recipe.checks
        self.not_possible: dict[str, str] = {}

    @contextmanager
    def fixture(self) -> Iterator[InventedDouble]:
        """Start a new platform."""
        yield InventedDouble()

    def settings(self, double: Any) -> Settings:
        """Return the settings of a source that reads the platform."""
        return settings_for(double.platform, attempts=self.attempts)


def harness() -> InventedHarness:
    """Return the harness of the connector that keeps all rules."""
    return InventedHarness()
