"""Features of a project that are switched off: GitLab refuses calls of them with 403, as for want of a role."""

from __future__ import annotations

from collector.core.errors import NotUsed
from connectors.gitlab._sdk.client import GitLab

REPOSITORY = "repository_access_level"
MERGE_REQUESTS = "merge_requests_access_level"
CI = "builds_access_level"
ENVIRONMENTS = "environments_access_level"

_NAMES = {REPOSITORY: "the repository", MERGE_REQUESTS: "merge requests", CI: "CI/CD", ENVIRONMENTS: "environments"}


def is_off(client: GitLab, feature: str) -> bool:
    """Whether a feature is switched off, by the project's own setting.

    https://docs.gitlab.com/user/project/settings/#configure-project-features-and-permissions
    """
    return client.project().get(feature) == "disabled"


def require_on(client: GitLab, *features: str) -> None:
    """Raise NotUsed where one of some features is switched off: what is listed with it cannot come to be."""
    for feature in features:
        if is_off(client, feature):
            raise NotUsed(f"{_NAMES[feature]} of {client.project_path} is switched off")
