"""Settings of a source with `connector = "github"`, and the organizations that they name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from collector.core.buckets import Bucket
from collector.core.resources import Body
from collector.core.scopes import Scope
from collector.core.secrets import Secret
from collector.core.wire import Call
from connectors.github._sdk.graphql_quota import GRAPHQL

DOTCOM = "https://api.github.com"

INSTALLATION_ACCESS = "POST /app/installations/{installation_id}/access_tokens"

# What an app does by itself, signed with its key and not with the token of an installation.
_AS_APP = frozenset({INSTALLATION_ACCESS, "GET /app", "GET /app/installations", "GET /orgs/{org}/installation"})

_MINUTE = timedelta(minutes=1)

# By the beginning of an operation; the more special ones first.
# https://docs.github.com/en/rest/rate-limit/rate-limit
_BUCKETS = {
    GRAPHQL: Bucket("graphql", unit="points"),
    "GET /search/code": Bucket("code_search", span=_MINUTE),
    "GET /search/": Bucket("search", span=_MINUTE),
    "GET /orgs/{org}/audit-log": Bucket("audit_log"),
}

_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38}[A-Za-z0-9_])?")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source with `connector = "github"`.

    Signs in with `token`, or as the GitHub App `app_id` with its `private_key`. Without `organizations`, those that the
    app is installed in, or that the token's owner belongs to, are collected. `url` is the API of an Enterprise Server.
    `repositories` and `exclude` are patterns of names. `window` is how far back changes are listed, and `most_changes`
    how many of them at most in one repository. `emergency_labels` and `emergency_titles` are patterns by which the
    company marks the pull requests of emergency changes. `quota_share` is the share of the hourly quota that may be
    used. `cache` is a folder for answers, encrypted with the credential, so that unchanged ones use no quota later.
    """

    token: Secret | None = None
    app_id: str | None = None
    private_key: Secret | None = None
    installation_id: int | None = None
    organizations: tuple[str, ...] | None = None
    enterprise: str | None = None
    url: str = DOTCOM
    repositories: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    include_archived: bool = True
    include_forks: bool = True
    window: timedelta = timedelta(days=90)
    most_changes: int = 5000
    emergency_labels: tuple[str, ...] = ()
    emergency_titles: tuple[str, ...] = ()
    quota_share: float = 0.5
    cache: Path | None = None

    def __post_init__(self) -> None:
        if (self.token is None) == (self.app_id is None):
            raise ValueError("say either token, or app_id and private_key")
        if (self.app_id is None) != (self.private_key is None):
            raise ValueError("app_id and private_key belong together")
        if self.installation_id is not None and self.app_id is None:
            raise ValueError("installation_id belongs to app_id")
        if self.organizations is not None:
            self._validate_organizations(self.organizations)
        if self.installation_id is not None and self.organizations is not None and len(self.organizations) > 1:
            raise ValueError("installation_id is of one organization; leave it out to have each one looked up")
        self._validate_url()
        if not 0 < self.quota_share <= 1:
            raise ValueError(f"quota_share = {self.quota_share}: it is a part of the whole, more than 0 and at most 1")
        if self.window <= timedelta(0) or self.most_changes < 1:
            raise ValueError("window and most_changes must be more than nothing")

    @property
    def as_app(self) -> bool:
        """Whether the source signs in as a GitHub App."""
        return self.app_id is not None

    def wants(self, repository: Body) -> bool:
        """Whether the settings select a listed repository (an item of `GET /orgs/{org}/repos`)."""
        name: str = repository["name"]
        if repository.get("archived") and not self.include_archived:
            return False
        if repository.get("fork") and not self.include_forks:
            return False
        return any(fnmatchcase(name, pattern) for pattern in self.repositories) and not any(
            fnmatchcase(name, pattern) for pattern in self.exclude
        )

    def emergency(self, labels: Iterable[str], title: str) -> str | None:
        """Return which pattern of the settings marks a pull request as an emergency change; None where none does."""
        for pattern in self.emergency_labels:
            for label in sorted(labels):
                if fnmatchcase(label.casefold(), pattern.casefold()):
                    return f"marked by the company's rule: label {label}"
        for pattern in self.emergency_titles:
            if fnmatchcase(title.casefold(), pattern.casefold()):
                return f"marked by the company's rule: title like {pattern}"
        return None

    def _validate_organizations(self, organizations: tuple[str, ...]) -> None:
        if not organizations:
            raise ValueError("organizations is empty; name some, or leave it out to have them discovered")
        for login in organizations:
            if _LOGIN.fullmatch(login) is None:
                raise ValueError(f"organizations: {login!r} is not a login; write the name as in github.com/NAME")

    def _validate_url(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError(f"url = {self.url!r}: the API is spoken to over https only")
        if parts.hostname == "github.com" or parts.query or parts.username is not None:
            raise ValueError(f"url = {self.url!r} is no API; a server's is https://HOST/api/v3")


def roots(settings: Settings) -> list[Scope]:
    """Return the scopes known without a request: the source itself, then each organization that the settings name."""
    return [(), *((organization,) for organization in settings.organizations or ())]


def credential(settings: Settings, scope: Scope) -> str:
    """Return a name for the identity of a scope: one for each token, or for each installation of an app.

    A token is identified by where it is read from, so that sources which read the same one share its quotas.
    """
    if settings.token is not None:
        return f"{settings.url} token {settings.token.source}"
    return f"{settings.url} app {settings.app_id} {scope[0] if scope else ''}".strip()


def quota(settings: Settings, scope: Scope, call: Call) -> Bucket:
    """Return the bucket of a call: GitHub has one for each kind of call and identity, and an app by itself has its own.

    Names are those of `GET /rate_limit`; an answer states its own.
    """
    owner = credential(settings, () if settings.as_app and call.operation in _AS_APP else scope)
    for operation, bucket in _BUCKETS.items():
        if call.operation.startswith(operation):
            return replace(bucket, owner=owner, share=settings.quota_share)
    return Bucket("core", owner=owner, share=settings.quota_share)
