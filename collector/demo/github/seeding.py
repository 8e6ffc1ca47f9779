"""Seeding of the made-up organization on GitHub, and the results that are expected. Bodies have only what is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from collector.demo.github.double import GitHubDouble

LOGIN = "acme"
BRANCH = "main"
TOKEN = "github_pat_madeup"  # noqa: S105  accepted by the double only

Outcome = Literal["pass", "fail", "unknown", "not_applicable"]
Json = dict[str, Any]


@dataclass(frozen=True)
class ExpectedOnGitHub:
    """The expected status of a scope, or of a subject in it."""

    check: str
    scope: tuple[str, ...]
    outcome: Outcome
    subject: str = ""


class OrganizationSeed:
    """Fills an organization of the double, as of the double's clock; days count back from `today`.

    Without `today` they count from the double's own day. With a later one, what is dated after that day is left out.
    """

    def __init__(self, double: GitHubDouble, login: str = LOGIN, today: datetime | None = None) -> None:
        self.double = double
        self.login = login
        self._now = double.now()
        self._today = self._now if today is None else today
        self.repositories: list[Json] = []
        self.histories: dict[str, list[Json]] = {}
        self.contributions: dict[str, list[Json]] = {}
        self.expected: list[ExpectedOnGitHub] = []

    def ago(self, days: float) -> str:
        """Return the moment so many days before `today`, as GitHub writes it."""
        return _written(self._today - timedelta(days=days))

    def lately(self, days: float) -> str:
        """Return the moment so many days before that of the double, as GitHub writes it: for recurring events."""
        return _written(self._now - timedelta(days=days))

    def days_since(self, days: float) -> float:
        """Return how many days before the double's own moment the day lies; negative where it is later."""
        return days - (self._today - self._now) / timedelta(days=1)

    def since(self, days: float, *items: Json) -> list[Json]:
        """Return the items from so many days before the last day on, and none before."""
        return list(items) if self.days_since(days) >= 0 else []

    def answers(self, at: str, answers: Mapping[str, Any]) -> None:
        """Add answers for paths below another."""
        self.double.answers |= {f"{at}{path}": answer for path, answer in answers.items()}

    def expect(self, outcome: Outcome, where: str, *checks: str, subject: str = "") -> None:
        """Add the expected status of these checks for a repository; for the organization where `where` is empty."""
        scope = (self.login, where) if where else (self.login,)
        self.expected += [ExpectedOnGitHub(check, scope, outcome, subject) for check in checks]


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def user(login: str, kind: str = "User") -> Json:
    """Return an account of a user or an organization."""
    return {"login": login, "id": number(login), "type": kind, "site_admin": False}


def number(text: str) -> int:
    """Return a number that is the same for the same text."""
    return int(sha(text)[:7], 16)


def sha(text: str) -> str:
    """Return the SHA-1 of a text, as the id of a git object."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def counted(key: str, items: Iterable[Json]) -> Json:
    """Return a list with its `total_count`, as GitHub has it."""
    listed = list(items)
    return {"total_count": len(listed), key: listed}
