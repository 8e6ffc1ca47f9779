"""What GitHub publishes about its answers: keys and enumerations of its API description, words of its documentation."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from collector.core.published import Published
from connectors.github._sdk.generic_secrets import GENERIC_PATTERNS

if TYPE_CHECKING:
    from collections.abc import Callable

_DOCUMENTED: dict[str, frozenset[str]] = {
    "__typename": frozenset({"Bot", "EnterpriseUserAccount", "Mannequin", "Organization", "User"}),
    # Texts of the API description without an enumeration, and parameters of the connector's requests.
    "can_admins_bypass": frozenset(),
    "affiliation": frozenset({"all", "direct", "outside", "member", "outside collaborator"}),
    "default_repository_permission": frozenset({"none", "read", "write", "admin"}),
    "direction": frozenset({"asc", "desc"}),
    "enabled_repositories": frozenset({"all", "none", "selected"}),
    "allowed_actions": frozenset({"all", "local_only", "selected"}),
    "default_workflow_permissions": frozenset({"read", "write"}),
    "encoding": frozenset({"base64", "utf-8"}),
    "filter": frozenset({"all", "2fa_disabled", "2fa_insecure"}),
    "include": frozenset({"all", "git", "web"}),
    "mode": frozenset({"040000", "100644", "100755", "120000", "160000"}),
    "path": frozenset({".github", "docs", "workflows"}),
    "permission": frozenset({"none", "read", "triage", "write", "maintain", "admin", "pull", "push"}),
    "privacy": frozenset({"closed", "secret"}),
    "role": frozenset({"admin", "all", "member", "billing_manager", "direct_member"}),
    "role_name": frozenset({"none", "read", "triage", "write", "maintain", "admin"}),
    "secret_type": frozenset({GENERIC_PATTERNS}),
    "sort": frozenset({"created", "full_name", "updated", "pushed"}),
    "state": frozenset({
        "active", "all", "closed", "configured", "disabled_manually", "not-configured", "open", "pending",
    }),
    "stream_type": frozenset({
        "Amazon S3", "Azure Blob Storage", "Azure Event Hubs", "Datadog", "Google Cloud Storage", "Splunk",
    }),
    "status": frozenset({"enabled", "disabled", "online", "offline", "completed", "attached", "enforced", "pending"}),
    "time_period": frozenset({"hour", "day", "week", "month", "quarter"}),
    "type": frozenset({"all", "blob", "tree", "commit", "User", "Organization", "Bot", "FORBIDDEN", "NOT_FOUND"}),
    "visibility": frozenset({"all", "internal", "private", "public", "selected"}),
    "message": frozenset({
        "Advanced Security must be enabled for this repository to use code scanning.",
        "Branch not protected",
        "Code scanning is not enabled for this repository. Please enable code scanning in the repository settings.",
        "Dependabot alerts are disabled for this repository.",
        "Git Repository is empty.",
        "Must have admin rights to Repository.",
        "Not Found",
        "Repository access blocked",
        "Requires authentication",
        "Resource not accessible by integration",
        "Resource not accessible by personal access token",
        "Secret scanning is disabled on this repository.",
        "Server Error",
        "Upgrade to GitHub Pro or make this repository public to enable this feature.",
        "Vulnerability alerts are disabled.",
        "no analysis found",
    }),
}  # fmt: skip
_ANYWHERE = frozenset({
    ".github", "CODEOWNERS", "SECURITY.md", ".github/CODEOWNERS", ".github/SECURITY.md", ".github/workflows",
    "HEAD", "docs/CODEOWNERS", "docs/SECURITY.md", "~ALL", "~DEFAULT_BRANCH",
})  # fmt: skip
_ACTION = re.compile(r"[a-z_]{2,40}\.[a-z_]{2,60}")
"""An event of the audit log; GitHub lists them all."""

_REF = re.compile(r"(?P<kind>refs/(?:heads|tags)/)(?P<name>.+)")
_PHRASE = re.compile(r"created:>=[0-9TZ:-]+")
_ACTOR = re.compile(r"actor:(?P<login>\S+)")
_WORKFLOW = re.compile(r"(?P<folder>(?:\.github/workflows/)?)(?P<name>[^/]+)(?P<ending>\.ya?ml)")


@cache
def published(_operation: str) -> Published:
    """Return what GitHub publishes; it is the same for every operation."""
    found = msgspec.json.decode(files(__package__).joinpath("published.json").read_bytes(), type=_Description)
    constants = {key: frozenset(words) for key, words in found.constants.items()}
    for key, words in _DOCUMENTED.items():
        constants[key] = constants.get(key, frozenset()) | words
    return Published(
        keys=frozenset({*found.keys, *_DOCUMENTED, "after", "before", "page", "per_page", "phrase", "first", "ref"}),
        constants=constants,
        patterns={"action": _ACTION, "phrase": _PHRASE},
        anywhere=_ANYWHERE,
        shaped=_shaped,
    )


class _Description(msgspec.Struct, frozen=True):
    keys: list[str]
    constants: dict[str, list[str]]


def _shaped(text: str, words: Callable[[str], str]) -> str | None:
    """Return a git reference, a phrase that searches for somebody, or a workflow's path; None for other texts."""
    if (ref := _REF.fullmatch(text)) is not None:
        return ref["kind"] + words(ref["name"])
    if (actor := _ACTOR.fullmatch(text)) is not None:
        return "actor:" + words(actor["login"])
    if (workflow := _WORKFLOW.fullmatch(text)) is not None:
        return workflow["folder"] + words(workflow["name"]) + workflow["ending"]
    return None
