"""Acme's organization on GitHub, with the people that the accounts on AWS have as well."""

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
    """What a scan signs in with, and the results that are expected of it."""

    url: str
    login: str
    token: str
    repositories: tuple[str, ...]
    expected: tuple[ExpectedOnGitHub, ...]


def seed(double: GitHubDouble, today: datetime | None = None) -> GitHubCompany:
    """Build the organization as of the double's clock, and return it; days count back from `today`.

    May be called again later: everything is built anew, and unchanged answers keep their ETags.
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
        repositories=tuple(repository["name"] for repository in acme.repositories),
        expected=tuple(acme.expected),
    )
