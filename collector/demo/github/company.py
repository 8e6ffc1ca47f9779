"""Acme's GitHub: the code of the company whose AWS accounts are played beside it, with the same people in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collector.demo.github.changes import graphql
from collector.demo.github.double import GitHubDouble
from collector.demo.github.organization import organization
from collector.demo.github.repositories import repositories
from collector.demo.github.seeding import TOKEN, ExpectedOnGitHub, OrganizationSeed


@dataclass(frozen=True)
class GitHubCompany:
    """What a scan needs to get in, and what it ought to find."""

    url: str
    login: str
    token: str
    repositories: tuple[str, ...]
    expected: tuple[ExpectedOnGitHub, ...]


def seed(double: GitHubDouble, today: datetime | None = None) -> GitHubCompany:
    """Build the company's organization as it is by the clock of its double, on the way to what it is `today`.

    May be called again later: everything is built anew, and what stays the same has the same tags.
    """
    double.answers.clear()
    acme = OrganizationSeed(double, today=today)
    repositories(acme)
    organization(acme)
    graphql(acme)
    double.answers[f"/orgs/{acme.login}/repos"] = acme.repositories
    return GitHubCompany(
        url=double.url,
        login=acme.login,
        token=TOKEN,
        repositories=tuple(one["name"] for one in acme.repositories),
        expected=tuple(acme.expected),
    )
