"""What an outsider decides in the `github` context, event by event. An outsider is anybody without write permission.

What outsiders write is GitHub's list of untrusted input; the rest of that list's endings is decided by people of the
organization (`repository.name`, a branch that is pushed). What is in neither table is unknown.
https://docs.github.com/en/actions/concepts/security/script-injections
https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from enum import IntEnum

from connectors.github._workflow.expressions import ANY, COMPUTED


class Origin(IntEnum):
    """Who decides a value; the larger, the worse."""

    OWN = 0
    UNKNOWN = 1
    NUMBER = 2  # the number of a pull request: its code where it names a ref, harmless as text
    OUTSIDER = 3


PRIVILEGED = frozenset(
    {
        "pull_request_target", "issue_comment", "issues", "discussion", "discussion_comment", "workflow_run", "fork",
        "watch", "gollum", "status", "check_run", "check_suite",
    }
)  # fmt: skip
"""Events that an outsider causes and that run with the repository's secrets and token."""

OF_PULL_REQUESTS = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment"})
"""Events that an outsider causes, whose runs for a fork have no secret and a token that reads."""

OF_PEOPLE = frozenset(
    {
        "branch_protection_rule", "create", "delete", "deployment", "deployment_status", "image_version", "label",
        "merge_group", "milestone", "page_build", "project", "project_card", "project_column", "public", "push",
        "registry_package", "release", "repository_dispatch", "schedule", "workflow_dispatch",
    }
)  # fmt: skip
"""Events that only somebody with write permission, or the clock, causes."""

_PERSON = ("name", "email")
_COMMIT = ("message", *(f"{who}.{what}" for who in ("author", "committer") for what in _PERSON))
_REPOSITORY = ("default_branch", "description", "homepage")


def _paths(*texts: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(text.split(".")) for text in texts)


_TEXT = _paths(
    *(f"{of}.{field}" for of in ("issue", "pull_request", "discussion") for field in ("title", "body")),
    "pull_request.head.ref", "pull_request.head.label",
    *(f"pull_request.head.repo.{field}" for field in _REPOSITORY),
    "comment.body", "comment.diff_hunk", "comment.path", "review.body", "review_comment.body",
    *(f"pages.*.{field}" for field in ("page_name", "title", "summary")),
    *(f"{of}.{field}" for of in ("commits.*", "head_commit", "commit.commit") for field in _COMMIT),
    *(f"workflow_run.{field}" for field in ("head_branch", "display_title")),
    *(f"{of}.head_commit.{field}" for of in ("workflow_run", "check_suite") for field in _COMMIT),
    *(f"workflow_run.head_repository.{field}" for field in _REPOSITORY),
    "workflow_run.pull_requests.*.head.ref", "check_suite.head_branch", "check_run.check_suite.head_branch",
    *(f"forkee.{field}" for field in _REPOSITORY), "changes.*.from", "changes.*.*.from",
)  # fmt: skip
"""Texts in `github.event` that an outsider writes freely. In a command none is right, whatever starts the workflow."""

_CODE = _paths(
    "pull_request.head.sha", "pull_request.head.repo.*", "pull_request.head.repo.owner.login",
    "pull_request.head.user.login", "pull_request.merge_commit_sha", "workflow_run.head_sha",
    "workflow_run.head_commit.id", "workflow_run.head_repository.*", "workflow_run.head_repository.owner.login",
    "workflow_run.pull_requests.*.head.sha", "check_suite.head_sha", "check_suite.after", "check_suite.head_commit.id",
    "check_run.head_sha", "check_run.check_suite.head_sha", "review.commit_id",
    "comment.commit_id", "comment.original_commit_id", "forkee.*",
)  # fmt: skip
"""Names of commits and repositories in `github.event` that are an outsider's: harmless as text, not as code."""

_NUMBERS = _paths(
    "number", "pull_request.number", "issue.number", "pull_request.url", "pull_request.html_url",
    "issue.pull_request.url", "issue.pull_request.html_url", "workflow_run.pull_requests.*.number",
    "check_suite.pull_requests.*.number", "check_run.pull_requests.*.number",
)  # fmt: skip

_ROOTS = {
    "push": ("commits", "head_commit"),
    "pull_request": ("pull_request", "changes"),
    "pull_request_target": ("pull_request", "changes"),
    "pull_request_review": ("pull_request", "review", "changes"),
    "pull_request_review_comment": ("pull_request", "comment", "changes"),
    "issues": ("issue", "changes"),
    "issue_comment": ("issue", "comment", "changes"),
    "discussion": ("discussion", "changes"),
    "discussion_comment": ("discussion", "comment", "changes"),
    "workflow_run": ("workflow_run",),
    "gollum": ("pages",),
    "fork": ("forkee",),
    "status": ("commit",),
    "check_suite": ("check_suite",),
    "check_run": ("check_run",),
}
"""The keys of each event's payload below which an outsider writes; the others of `_TEXT` are empty in that event."""

_ALL_ROOTS = frozenset(root for roots in _ROOTS.values() for root in roots)

_OWN_ROOTS = frozenset(
    {
        "repository", "organization", "enterprise", "installation", "sender", "label", "milestone", "release",
        "schedule", "workflow", "ref", "ref_type", "base_ref", "master_branch", "compare", "pusher", "action",
        "forced", "created", "deleted", "merge_group", "before",
    }
)  # fmt: skip
"""Keys of payloads that people with write permission, administrators or GitHub itself decide."""

_HARMLESS = frozenset(
    {
        "id", "node_id", "number", "sha", "head_sha", "merge_commit_sha", "commit_id", "original_commit_id", "login",
        "type", "state", "state_reason", "status", "conclusion", "event", "draft", "fork", "private", "merged",
        "mergeable", "author_association", "full_name", "url", "html_url", "clone_url", "ssh_url", "git_url",
        "created_at", "updated_at", "closed_at", "merged_at", "submitted_at", "run_number", "run_attempt", "run_id",
        "artifacts_url", "after", "locked", "timestamp", "username", "diff_url", "patch_url",
    }
)  # fmt: skip
"""Last steps of paths whose value GitHub makes, in letters and digits that no shell takes for more."""

_OWN_GITHUB = frozenset(
    {
        "action", "action_path", "action_ref", "action_repository", "action_status", "actor", "actor_id", "api_url",
        "base_ref", "env", "event_name", "event_path", "graphql_url", "job", "output", "path", "ref", "ref_name",
        "ref_protected", "ref_type", "repository", "repository_id", "repository_owner", "repository_owner_id",
        "repositoryurl", "repository_visibility", "retention_days", "run_attempt", "run_id", "run_number",
        "secret_source", "server_url", "sha", "state", "step_summary", "token", "triggering_actor", "workflow",
        "workflow_ref", "workflow_sha", "workspace",
    }
)  # fmt: skip
"""Properties of `github` besides `event` and `head_ref`: GitHub makes them, or whoever may push decides them."""


def text_origin(path: tuple[str, ...], event: str | None) -> Origin:
    """Return who decides a value of `github` as text. `path` is what follows `github`; event None is any event."""
    if path == ("head_ref",):
        return Origin.OUTSIDER
    if not path or path[0] != "event":
        return Origin.OWN if len(path) == 1 and path[0] in _OWN_GITHUB else Origin.UNKNOWN
    inner = path[1:]
    if any(_same(inner, one) for one in _TEXT):
        return Origin.UNKNOWN if COMPUTED in inner else Origin.OUTSIDER
    if not inner or COMPUTED in inner:
        return Origin.UNKNOWN
    if inner[0] == "inputs":
        return Origin.OWN if event == "workflow_dispatch" else Origin.UNKNOWN
    if inner[0] in _OWN_ROOTS or inner[:2] == ("pull_request", "base") or inner[-1] in _HARMLESS:
        return Origin.OWN
    if inner[-1] == "name" and inner[-2:-1] in (("repo",), ("head_repository",), ("label",), ("labels",)):
        return Origin.OWN  # names of repositories have no character of a shell; labels are made by people who may
    return Origin.OWN if inner[0] in _ALL_ROOTS and not _is_sent(inner, event) else Origin.UNKNOWN


def whole_origin(path: tuple[str, ...], event: str | None) -> Origin:
    """Return who decides a value of `github` written out whole, as toJSON does, with all the texts in it."""
    if not path:
        return whole_origin(("event",), event)
    if path[0] == "event":
        inner = path[1:]
        if any(len(one) > len(inner) and _same(inner, one[: len(inner)]) and _is_sent(one, event) for one in _TEXT):
            return Origin.OUTSIDER
        if not inner:
            return Origin.OWN if event in OF_PEOPLE and event != "repository_dispatch" else Origin.UNKNOWN
    return text_origin(path, event)


def code_origin(path: tuple[str, ...], event: str | None) -> Origin:
    """Return whose code a value of `github` names; one that the event does not have is empty, and names none."""
    if path[:1] == ("event",):
        inner = path[1:]
        if any(_same(inner, one) for one in _CODE):
            if COMPUTED in inner:
                return Origin.UNKNOWN
            return Origin.OUTSIDER if _is_sent(inner, event) else Origin.OWN
        if inner == ("after",) and _has_pull_request(event):
            return Origin.OUTSIDER
        if any(_same(inner, one) for one in _NUMBERS):
            return Origin.NUMBER
        if any(_same(inner, one) for one in _TEXT) and not _is_sent(inner, event):
            return Origin.OWN
    if path == ("head_ref",) and not _has_pull_request(event):
        return Origin.OWN
    return text_origin(path, event)


def _has_pull_request(event: str | None) -> bool:
    return event is None or event not in PRIVILEGED | OF_PEOPLE or event == "pull_request_target"


def _is_sent(inner: tuple[str, ...], event: str | None) -> bool:
    """Whether an event's payload has the key that a path begins with; it has for an event that is not known here."""
    if event is None or event not in PRIVILEGED | OF_PULL_REQUESTS | OF_PEOPLE:
        return True
    return inner[0] in (ANY, COMPUTED) or inner[0] in _ROOTS.get(event, ())


def _same(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(path) == len(pattern) and all(
        one == other or {one, other} & {ANY, COMPUTED} for one, other in zip(path, pattern, strict=True)
    )
