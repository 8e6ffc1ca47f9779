"""Acme's GitHub while it is furnished, and what a scan ought to find there. Bodies hold what is read, and no more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from collector.demo.github_double import GitHubDouble

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


class Organization:
    """An organization that is being furnished."""

    def __init__(self, double: GitHubDouble, login: str = LOGIN) -> None:
        self.double = double
        self.login = login
        self.repositories: list[Json] = []
        self.histories: dict[str, list[Json]] = {}
        self.expected: list[ExpectedOnGitHub] = []

    def ago(self, days: float) -> str:
        """So many days before now, as GitHub writes it."""
        moment = self.double.now() - timedelta(days=days)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def answers(self, at: str, answers: Mapping[str, Any]) -> None:
        """Let paths below one be answered."""
        self.double.answers |= {f"{at}{path}": answer for path, answer in answers.items()}

    def expect(self, outcome: Outcome, where: str, *checks: str, subject: str = "") -> None:
        """Note what these checks ought to say of a repository, or of the organization where it is not named."""
        scope = (self.login, where) if where else (self.login,)
        self.expected += [ExpectedOnGitHub(check, scope, outcome, subject) for check in checks]


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
