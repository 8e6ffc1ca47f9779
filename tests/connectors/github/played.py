"""The demo's GitHub, told by a test what to answer: each answer is checked against GitHub's own shapes."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from collector.demo.github.double import GitHubDouble, Reply
from tests.connectors.github import shapes

if TYPE_CHECKING:
    from collector.demo.github.double import HttpRequest

__all__ = ["DATE", "NOW", "Played", "Reply"]

DATE = "Sun, 01 Mar 2026 06:00:00 GMT"
NOW = 1_772_344_800


class Played(GitHubDouble):
    """Keeps what it was asked and how, and stands on one day."""

    def __init__(self) -> None:
        super().__init__(now=lambda: parsedate_to_datetime(DATE).astimezone(UTC))
        self.paths: list[str] = []
        self.tokens: list[str] = []
        self.queries: list[dict[str, str]] = []
        self.problems: list[str] = []

    def __exit__(self, *of: object) -> None:
        super().__exit__(*of)  # type: ignore[arg-type]  # what a with statement gives
        assert not self.problems, self.problems[:3]

    @property
    def quota(self) -> dict[str, str]:
        """What every answer says of the quota."""
        return self.headers

    @quota.setter
    def quota(self, headers: dict[str, str]) -> None:
        self.headers = headers

    def date(self) -> str:
        """The one day, as it is written above."""
        return DATE

    def heard(self, request: HttpRequest) -> None:
        """Keep how something was asked."""
        self.paths.append(request.target)
        self.queries.append(request.query)
        self.tokens.append(request.headers.get("authorization", ""))

    def looked_up(self, verb: str, path: str, found: Any) -> None:
        """Note where GitHub would not answer so."""
        call = shapes.call_of(path)
        if call is None:
            self.problems.append(f"GitHub has no {verb} {path}")
            return
        try:
            shapes.check(call, 204 if found is None else 200, found)
        except AssertionError as error:
            self.problems.append(str(error))
