"""Settings of a source with `connector = "gitlab"`, and the groups that they name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from msgspec import Struct

from collector.core.buckets import Bucket
from collector.core.resources import Body
from collector.core.scopes import Scope
from collector.core.secrets import Secret
from collector.core.wire import Call

DOTCOM = "https://gitlab.com"

# The name of a group in its address. https://docs.gitlab.com/user/reserved_names/
_PATH = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_-])?")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source with `connector = "gitlab"`.

    Signs in with `token`: a personal, group or project access token, or an OAuth token. `groups` are the paths of
    top-level groups. `url` is the address of a GitLab of one's own, or of a Dedicated one. `projects` and `exclude` are
    patterns of paths below the group. `window` is how far back changes are listed, and `most_changes` how many of them
    at most in one project. `emergency_labels` and `emergency_titles` are patterns by which the company marks the merge
    requests of emergency changes. `quota_share` is the share of the quota of a minute that may be used.
    """

    token: Secret
    groups: tuple[str, ...]
    url: str = DOTCOM
    projects: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    include_archived: bool = True
    window: timedelta = timedelta(days=90)
    most_changes: int = 5000
    emergency_labels: tuple[str, ...] = ()
    emergency_titles: tuple[str, ...] = ()
    quota_share: float = 0.5

    def __post_init__(self) -> None:
        if not self.groups:
            raise ValueError("groups is empty; name the top-level groups to look at")
        for group in self.groups:
            if _PATH.fullmatch(group) is None:
                raise ValueError(f"groups: {group!r} is not the path of a top-level group; write acme of {DOTCOM}/acme")
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError(f"url = {self.url!r}: the API is spoken to over https only")
        if parts.query or parts.username is not None or parts.path.rstrip("/").endswith("/api/v4"):
            raise ValueError(f"url = {self.url!r} is not the address of a GitLab, such as {DOTCOM}")
        if not 0 < self.quota_share <= 1:
            raise ValueError(f"quota_share = {self.quota_share}: it is a part of the whole, more than 0 and at most 1")
        if self.window <= timedelta(0) or self.most_changes < 1:
            raise ValueError("window and most_changes must be more than nothing")

    @property
    def is_dotcom(self) -> bool:
        """Whether the source is on GitLab.com, whose instance belongs to GitLab and not to the company."""
        return urlsplit(self.url).hostname == urlsplit(DOTCOM).hostname

    def wants(self, project: Body) -> bool:
        """Whether the settings select a listed project (an item of `GET /groups/:id/projects`)."""
        if project["archived"] and not self.include_archived:
            return False
        _, _, path = project["path_with_namespace"].partition("/")
        return any(fnmatchcase(path, pattern) for pattern in self.projects) and not any(
            fnmatchcase(path, pattern) for pattern in self.exclude
        )

    def emergency(self, labels: Iterable[str], title: str) -> str | None:
        """Return which pattern of the settings marks a merge request as an emergency change; None where none does."""
        for pattern in self.emergency_labels:
            for label in sorted(labels):
                if fnmatchcase(label.casefold(), pattern.casefold()):
                    return f"marked by the company's rule: label {label}"
        for pattern in self.emergency_titles:
            if fnmatchcase(title.casefold(), pattern.casefold()):
                return f"marked by the company's rule: title like {pattern}"
        return None


def roots(settings: Settings) -> list[Scope]:
    """Return the scopes known without a request: the source itself, then each group that the settings name."""
    return [(), *((group,) for group in settings.groups)]


def quota(settings: Settings, _scope: Scope, _call: Call) -> Bucket:
    """Return the bucket of a call: GitLab counts the requests of a user in a minute, and names other limits itself.

    A token is identified by where it is read from, so that sources which read the same one share its quota.
    https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
    """
    return Bucket(
        "throttle_authenticated_api",
        owner=f"{settings.url} token {settings.token.source}",
        span=timedelta(minutes=1),
        share=settings.quota_share,
    )
