"""Acme's GitHub while it is furnished, and what a scan ought to find there. Bodies hold what is read, and no more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from collector.demo.github.double import GitHubDouble

LOGIN = "acme"
BRANCH = "main"
TOKEN = "github_pat_madeup"  # noqa: S105  opens nothing but the played GitHub

Outcome = Literal["pass", "fail", "unknown", "not_applicable"]
Json = dict[str, Any]


@dataclass(frozen=True)
class ExpectedOnGitHub:
    """What a check ought to say of a scope, or of one subject in it."""

    check: str
    scope: tuple[str, ...]
    outcome: Outcome
    subject: str = ""


class OrganizationSeed:
    """An organization that is being furnished, as it is by the clock of its double; its days count back from `today`.

    Without `today` that is the double's own day. With a later one, what has not happened yet is left out.
    """

    def __init__(self, double: GitHubDouble, login: str = LOGIN, today: datetime | None = None) -> None:
        self.double = double
        self.login = login
        self._now = double.now()
        self._today = self._now if today is None else today
        self.repositories: list[Json] = []
        self.histories: dict[str, list[Json]] = {}
        self.expected: list[ExpectedOnGitHub] = []

    def ago(self, days: float) -> str:
        """So many days before the last day, as GitHub writes it."""
        return _written(self._today - timedelta(days=days))

    def lately(self, days: float) -> str:
        """So many days before the double's own moment: of what goes on all the time."""
        return _written(self._now - timedelta(days=days))

    def days_since(self, days: float) -> float:
        """How long ago, by the double's own moment, it was so many days before the last day; negative: yet to come."""
        return days - (self._today - self._now) / timedelta(days=1)

    def since(self, days: float, *items: Json) -> list[Json]:
        """What there is since so many days before the last day; nothing before."""
        return list(items) if self.days_since(days) >= 0 else []

    def answers(self, at: str, answers: Mapping[str, Any]) -> None:
        """Let paths below one be answered."""
        self.double.answers |= {f"{at}{path}": answer for path, answer in answers.items()}

    def expect(self, outcome: Outcome, where: str, *checks: str, subject: str = "") -> None:
        """Note what these checks ought to say of a repository, or of the organization where it is not named."""
        scope = (self.login, where) if where else (self.login,)
        self.expected += [ExpectedOnGitHub(check, scope, outcome, subject) for check in checks]


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def user(login: str, kind: str = "User") -> Json:
    """An account."""
    return {"login": login, "id": number(login), "type": kind, "site_admin": False}


def number(text: str) -> int:
    """An id that is the same every time."""
    return int(sha(text)[:7], 16)


def sha(text: str) -> str:
    """A name as git would give it."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def counted(key: str, items: Iterable[Json]) -> Json:
    """A list with GitHub's own count of it."""
    some = list(items)
    return {"total_count": len(some), key: some}
