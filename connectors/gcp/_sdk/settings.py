"""Settings of a source with `connector = "gcp"`, the scopes that they name, and the quotas that calls count against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Literal

from msgspec import Struct

from collector.core.buckets import Bucket
from collector.core.resources import Body
from collector.core.scopes import Scope
from collector.core.secrets import Secret
from collector.core.wire import Call
from connectors._google import SignIn

_NUMBER = re.compile(r"\d{1,20}")
_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_ACCOUNT = re.compile(r"[^@\s]+@[^@\s]+\.gserviceaccount\.com")
_MINUTE = timedelta(minutes=1)
_KEPT = timedelta(days=400)

LOG_ENTRIES = "logging.entries.list"
"""The call that reads entries of logs; Google gives it a quota of its own."""

TOKENS = "POST oauth2.googleapis.com/token"
"""Where most credentials get their tokens, by which Google knows who asks."""

_PER_SECOND: Mapping[str, float] = {
    "cloudresourcemanager": 20.0,
    "iam": 100.0,
    "policyanalyzer": 10.0,
    "orgpolicy": 10.0,
    "cloudasset": 400 / 60,
    LOG_ENTRIES: 1.0,
}
"""Google's default rates where they are low; for the other APIs eight calls at a time stay below them.

Of these the share of the source is used: Google reports no rest of a quota, of which the engine could take it.
"""

_OF_THE_RESOURCE = frozenset({"compute"})
"""APIs that charge the project that is asked about; the others charge the one that the credential is charged to."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source with `connector = "gcp"`.

    `organization` is the number of an organization, `folders` are numbers of folders, and `projects` ids of projects:
    all projects below them are looked at, but those whose id is like a pattern of `exclude`. Signs in with the
    Application Default Credentials, or with the JSON in `credentials`; `impersonate` is a service account that these
    act as, through `delegates`. `quota_project` is the project that calls are charged to, and `quota_share` the share
    of its quotas that may be used. `changes` are the populations that are read from the log of admin activity: "access"
    for who may do what, "keys" for keys of service accounts; of the days of `changes_window`.
    """

    organization: str | None = None
    folders: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    credentials: Secret | None = None
    impersonate: str | None = None
    delegates: tuple[str, ...] = ()
    quota_project: str | None = None
    quota_share: float = 0.5
    changes: tuple[Literal["access", "keys"], ...] = ()
    changes_window: timedelta = timedelta(days=30)

    def __post_init__(self) -> None:
        if self.organization is None and not self.folders and not self.projects:
            raise ValueError("say which organization, folders or projects to look at")
        for number in (*([self.organization] if self.organization is not None else []), *self.folders):
            if _NUMBER.fullmatch(number) is None:
                raise ValueError(f"{number!r} is not a number; gcloud organizations list and folders list print them")
        for project in self.projects:
            if _PROJECT.fullmatch(project) is None:
                raise ValueError(f"projects: {project!r} is not the id of a project, such as acme-production")
        for account in (*([self.impersonate] if self.impersonate is not None else []), *self.delegates):
            if _ACCOUNT.fullmatch(account) is None:
                raise ValueError(f"{account!r} is not the address of a service account")
        if not 0 < self.quota_share <= 1:
            raise ValueError(f"quota_share = {self.quota_share}: it is a part of the whole, more than 0 and at most 1")
        if not timedelta(0) < self.changes_window <= _KEPT:
            raise ValueError(f"changes_window is more than nothing and at most {_KEPT.days}d: Google keeps no more")

    @property
    def sign_in(self) -> SignIn:
        """How the source signs in."""
        return SignIn(self.credentials, self.impersonate, self.delegates, None, self.quota_project)

    @property
    def containers(self) -> bool:
        """Whether the source names an organization or folders."""
        return self.organization is not None or bool(self.folders)

    def wants(self, project: Body) -> bool:
        """Whether a listed project is looked at: one that is being deleted has nothing that could be asked for."""
        id_: str = project["projectId"]
        return project["state"] == "ACTIVE" and not any(fnmatchcase(id_, pattern) for pattern in self.exclude)


def roots(settings: Settings) -> list[Scope]:
    """Return the scopes known without a request: the source itself, then each project that the settings name."""
    return [(), *((project,) for project in settings.projects)]


def named_below(settings: Settings, _scope: Scope) -> Iterator[str]:
    """Yield the projects that are looked at even where the list of projects is not complete."""
    yield from settings.projects


def credential(settings: Settings, _scope: Scope) -> str:
    """Return a name for the identity of a source, by where its credential comes from."""
    source = settings.credentials.source if settings.credentials is not None else "application default credentials"
    return f"{settings.impersonate} by {source}" if settings.impersonate is not None else source


def quota(settings: Settings, scope: Scope, call: Call) -> Bucket:
    """Return the bucket of a call: Google has one for each API and project that is charged, by the minute."""
    api = "tokens" if call.aside else call.operation.partition(".")[0]
    name = LOG_ENTRIES if call.operation == LOG_ENTRIES else api
    charged = settings.quota_project or credential(settings, scope)
    rate = _PER_SECOND.get(name)
    return Bucket(
        name,
        owner=scope[0] if api in _OF_THE_RESOURCE and scope else charged,
        span=_MINUTE,
        per_second=None if rate is None else rate * settings.quota_share,
        share=settings.quota_share,
    )
